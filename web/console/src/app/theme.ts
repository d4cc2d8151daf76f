import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const sky: MantineColorsTuple = [
  "#eef8ff", "#d8eefd", "#aedcfa", "#7fc8f7", "#55b4f2", "#2f9fe4", "#1687cf", "#0a72b4", "#085d94", "#074b78",
];
const night: MantineColorsTuple = [
  "#e4ecf5", "#c3cedc", "#94a4b9", "#6f8098", "#3a4961", "#212c3f", "#172031", "#0f1624", "#0b111c", "#070b13",
];
const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

const NO_BANNER = { role: "presentation" }; // the head of a dialog is no landmark of the page
// What opens stands beside its button, not at the end of the page: within its landmark, and next in the order of reading.
const BESIDE = { shadow: "md", transitionProps: { duration: 80 }, withinPortal: false, floatingStrategy: "fixed" } as const;
const CHOICES = { comboboxProps: BESIDE, withScrollArea: false, styles: { options: { maxHeight: 260, overflowY: "auto" } } } as const;

export const theme = createTheme({
  primaryColor: "sky",
  primaryShade: 7,
  colors: { sky, dark: night },
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "22px" },
  headings: { fontFamily: FONT, fontWeight: "600", sizes: { h1: { fontSize: "22px", lineHeight: "1.3" }, h2: { fontSize: "16px", lineHeight: "1.4" }, h3: { fontSize: "14px", lineHeight: "1.4" } } },
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { attributes: { header: NO_BANNER }, centered: true, overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { transition: "fade", duration: 120 } } },
    Drawer: { defaultProps: { attributes: { header: NO_BANNER } } },
    Menu: { defaultProps: { ...BESIDE, withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { transitionProps: { duration: 80 }, openDelay: 250, withArrow: true } },
    Select: { defaultProps: CHOICES },
    Autocomplete: { defaultProps: CHOICES },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#132033",
    "--mantine-color-dimmed": "#56667a",
    "--mantine-color-body": "#ffffff",
    "--mantine-color-default-border": "#dde4ec",
    "--mantine-color-placeholder": "#64748a",
    "--ground": "#f5f7fa",
    "--line": "#e1e7ee",
    "--accent-text": "#0a66a3",
  },
  dark: {
    "--mantine-color-text": "#e4ecf5",
    "--mantine-color-dimmed": "#9aaabf",
    "--mantine-color-body": "#141c2b",
    "--mantine-color-placeholder": "#8a9ab0",
    "--ground": "#0c121d",
    "--line": "#253147",
    "--accent-text": "#6fc2f7",
  },
});

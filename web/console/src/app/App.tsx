import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { queryClient } from "~/lib/queries";
import { router } from "./router";
import { theme, variables } from "./theme";

const schemes = localStorageColorSchemeManager({ key: "bluesky-scheme" });
const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.nonce ?? "";

export function App() {
  const { t } = useTranslation();
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider labels={{ confirm: t("word.confirm"), cancel: t("word.cancel") }}>
          <Notifications position="bottom-left" limit={3} />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconDownload } from "@tabler/icons-react";
import { Children, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Toolbar.module.css";

type Props = { children: ReactNode; look?: ReactNode; download?: () => void; format?: "CSV" | "JSON"; side?: ReactNode };

/** Filters above a table, the search first; on a phone the others are a strip below it. How the table looks is behind one button. */
export function Toolbar({ children, look, download, format = "CSV", side }: Props) {
  const { t } = useTranslation();
  const [search, ...filters] = Children.toArray(children);
  return (
    <div className={classes.bar}>
      {search && <div className={classes.search}>{search}</div>}
      {filters.length > 0 && <div className={classes.filters}>{filters}</div>}
      <div className={classes.fill} />
      {side && <div className={classes.side}>{side}</div>}
      {download && (
        <Tooltip label={`${t("word.export")} (${format})`}>
          <ActionIcon variant="default" size={36} aria-label={`${t("word.export")} (${format})`} onClick={download}><IconDownload size={18} /></ActionIcon>
        </Tooltip>
      )}
      {look && (
        <Popover position="bottom-end" width={260} trapFocus returnFocus shadow="md" transitionProps={{ duration: 80 }}>
          <Popover.Target>
            <ActionIcon variant="default" size={36} aria-label={t("word.view")}><IconAdjustmentsHorizontal size={18} /></ActionIcon>
          </Popover.Target>
          <Popover.Dropdown className={classes.look}>{look}</Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}

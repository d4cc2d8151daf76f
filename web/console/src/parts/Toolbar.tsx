import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconDownload } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Toolbar.module.css";

type Props = { children: ReactNode; look?: ReactNode; download?: () => void; side?: ReactNode };

/** Filters above a table, in one strip on a phone; how the table looks is behind one button. */
export function Toolbar({ children, look, download, side }: Props) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar}>
      <div className={classes.filters}>{children}</div>
      <div className={classes.fill} />
      {side && <div className={classes.side}>{side}</div>}
      {download && (
        <Tooltip label={`${t("word.export")} (CSV)`}>
          <ActionIcon variant="default" size={36} aria-label={`${t("word.export")} (CSV)`} onClick={download}><IconDownload size={18} /></ActionIcon>
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

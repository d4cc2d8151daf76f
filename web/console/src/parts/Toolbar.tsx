import { ActionIcon, Menu } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Toolbar.module.css";

/** Filters above a table, in one strip on a phone, and what else can be done with the table behind one button. */
export function Toolbar({ children, more, side }: { children: ReactNode; more?: ReactNode; side?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar}>
      <div className={classes.filters}>{children}</div>
      <div className={classes.fill} />
      {side && <div className={classes.side}>{side}</div>}
      {more && (
        <Menu position="bottom-end" closeOnItemClick={false} width={240}>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t("word.columns")}><IconAdjustmentsHorizontal size={18} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>{more}</Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

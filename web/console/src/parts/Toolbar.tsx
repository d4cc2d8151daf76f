import { ActionIcon, Menu } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** Filters above a table, and what else can be done with the table behind one button. */
export function Toolbar({ children, more, side }: { children: ReactNode; more?: ReactNode; side?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div style={{ display: "flex", gap: 8, flexWrap: "wrap", marginBottom: 12, alignItems: "center" }}>
      {children}
      <div style={{ flex: 1 }} />
      {side}
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

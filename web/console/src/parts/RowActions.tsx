import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Can } from "~/lib/can";

export type RowAction = { label: string; icon: Icon; run: () => void; danger?: boolean; disabled?: boolean; can?: Can };

export function RowActions({ name, actions }: { name: string; actions: RowAction[] }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${t("word.actions")}: ${name}`}><IconDots size={18} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item key={action.label} leftSection={<action.icon size={16} />} c={action.danger ? "var(--faulted-ink)" : undefined} disabled={action.disabled || action.can?.ok === false} onClick={action.run}>
            {action.label}
            {action.can?.ok === false && <span style={{ display: "block", fontSize: 12 }}>{t(`reason.${action.can.reason}`)}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

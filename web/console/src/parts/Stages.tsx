import { Loader, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Tracked } from "~/lib/commands";

/** How far one command among many is, in a line; undefined: it is under way. */
export function Stages({ result }: { result: Tracked | undefined }) {
  const { t } = useTranslation();
  if (!result) return <Loader size={16} aria-label={t("command.waiting")} />;
  const bad = result.stage === "refused" || result.stage === "failed" || result.stage === "expired";
  return (
    <Text span size="xs" style={{ display: "inline-flex", alignItems: "center", gap: 6, textAlign: "right" }}>
      {t(`command.${result.stage}`)}{bad && result.said && `: ${result.said}`}
      {bad ? <IconAlertTriangle size={16} color="var(--faulted-solid)" aria-hidden /> : <IconCheck size={16} color="var(--available-solid)" aria-hidden />}
    </Text>
  );
}

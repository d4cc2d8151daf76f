import { Button } from "@mantine/core";
import { IconCompassOff, IconTool } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ProblemError } from "~/lib/api/client";
import { Empty, ProblemBox } from "~/parts/Page";

export function Missing() {
  const { t } = useTranslation();
  return <Empty whole icon={IconCompassOff} title={t("problem.not_found")} help={t("problem.not_found_help")} action={<Button component={Link} to="/" variant="default">{t("problem.home")}</Button>} />;
}

/** A page that crashed or a server that does not answer: what happened, what is kept. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const reload = () => window.location.reload();
  if (error instanceof ProblemError) return <ProblemBox whole error={error} retry={reload} />;
  return (
    <div role="alert">
      <Empty whole icon={IconTool} title={t("problem.crashed")} help={t("problem.crashed_help")} action={<Button variant="default" onClick={reload}>{t("problem.reload")}</Button>} />
    </div>
  );
}

import { Button } from "@mantine/core";
import { IconAlertCircle, IconCloudOff, IconCompassOff, IconMoodEmpty, type Icon } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "~/lib/api/client";
import classes from "./Page.module.css";

type PageProps = { title: ReactNode; name: string; said?: ReactNode; actions?: ReactNode; above?: ReactNode; children: ReactNode };

/** Screens with room for a column more, and for higher charts. */
export const WIDE = "(min-width: 118em)";

/** One title, one sentence of state in words, one primary action. `name` is what the browser's tab says. */
export function Page({ title, name, said, actions, above, children }: PageProps) {
  useEffect(() => {
    document.title = `${name} · Bluesky`;
  }, [name]);
  return (
    <div className={classes.page}>
      {above}
      <div className={classes.head}>
        <div className={classes.titles}>
          <h1 className={classes.title}>{title}</h1>
          {said !== undefined && <p className={classes.said}>{said}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({ title, side, children, pad = 16, label }: { title?: ReactNode; side?: ReactNode; children: ReactNode; pad?: number; label?: string }) {
  return (
    <section className={classes.card} aria-label={label} data-bare={children === false || children === null}>
      {(title || side) && (
        <div className={classes.cardHead}>
          <h2 className={classes.cardTitle}>{title}</h2>
          {side}
        </div>
      )}
      {children !== false && children !== null && <div style={{ padding: pad }}>{children}</div>}
    </section>
  );
}

export function Empty({ title, help, action, icon: Mark = IconMoodEmpty, whole = false }: { title: string; help?: string; action?: ReactNode; icon?: Icon; whole?: boolean }) {
  const Heading = whole ? "h1" : "h2";
  return (
    <div className={classes.empty} data-whole={whole}>
      <Mark size={36} stroke={1.4} aria-hidden />
      <Heading>{title}</Heading>
      {help && <p>{help}</p>}
      {action}
    </div>
  );
}

/** What went wrong, what is kept, what to do. */
export function ProblemBox({ error, retry, whole }: { error: unknown; retry?: () => void; whole?: boolean }) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const away = problem.code === "unreachable";
  const missing = problem.status === 404;
  return (
    <div role="alert">
      <Empty
        icon={missing ? IconCompassOff : away ? IconCloudOff : IconAlertCircle}
        whole={whole}
        title={missing ? t("problem.not_found") : away ? t("problem.unreachable") : t("problem.title")}
        help={missing ? t("problem.not_found_help") : away ? t("problem.unreachable_help") : problem.detail || t("problem.unexpected")}
        action={missing ? whole && <Button component={Link} to="/" variant="default">{t("problem.home")}</Button> : retry && <Button variant="default" onClick={retry}>{t("word.retry")}</Button>}
      />
    </div>
  );
}

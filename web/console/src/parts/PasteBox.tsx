import { ActionIcon, Code, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./PasteBox.module.css";

export function PasteLine({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.line}>
      <span className={classes.name}>{name}</span>
      <Code className={classes.value}>{value}</Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={t(copied ? "word.copied" : "word.copy")}>
            <ActionIcon variant="default" size="lg" onClick={copy} aria-label={`${t("word.copy")}: ${name}`}>{copied ? <IconCheck size={16} /> : <IconCopy size={16} />}</ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}

/** What an installer enters at the station; the password is shown this once. */
export function PasteBox({ identity, url, password }: { identity: string; url: string; password: string | null }) {
  const { t } = useTranslation();
  return (
    <div className={classes.box}>
      <strong>{t("setup.paste")}</strong>
      <PasteLine name={t("setup.url")} value={url} />
      {password && <PasteLine name={t("setup.user")} value={identity} />}
      {password && <PasteLine name={t("setup.password")} value={password} />}
      {password && <span className={classes.once}>{t("setup.once")}</span>}
    </div>
  );
}

import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconCheck, IconCopy, IconTool } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Frame } from "~/lib/api/client";
import { number, time } from "~/lib/format";
import { gist } from "~/lib/gist";
import classes from "./FrameList.module.css";

const BAD = new Set(["error", "timeout", "abandoned", "malformed", "unmatched"]);

/** OCPP frames as a conversation: call and answer paired, latency, payload on demand. */
export function FrameList({ frames, zone, label }: { frames: Frame[]; zone?: string; label: string }) {
  return (
    <ol className={classes.list} aria-label={label}>
      {frames.map((frame) => <One key={frame.id} frame={frame} zone={zone} />)}
    </ol>
  );
}

function One({ frame, zone }: { frame: Frame; zone?: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const out = frame.direction === "out";
  const Arrow = out ? IconArrowLeft : IconArrowRight;
  const bad = BAD.has(frame.outcome);
  const repaired = (one: Frame) => t("messages.repaired", { what: one.repairs.map((name) => t(`repair.${name as "null_fields"}`, { defaultValue: name })).join(", ") });
  return (
    <li className={classes.frame} data-bad={bad}>
      <button type="button" className={classes.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={`${classes.at} num`} title={time(frame.at, "full", zone)}>{time(frame.at, "seconds", zone)}</span>
        <span className={classes.arrow} data-out={out} title={t(out ? "messages.out" : "messages.in")}>
          <Arrow size={16} aria-label={t(out ? "messages.out" : "messages.in")} />
        </span>
        <span className={classes.action}>{frame.action ?? t("messages.malformed")}</span>
        <span className={`${classes.gist} num`}>{gist(frame)}</span>
        <span className={`${classes.took} num`}>
          {frame.repairs.length > 0 && <Tooltip label={repaired(frame)}><span className={classes.mended}><IconTool size={14} aria-label={repaired(frame)} /></span></Tooltip>}
          <Outcome frame={frame} />
        </span>
      </button>
      {open && (
        <div className={classes.body}>
          {frame.repairs.length > 0 && <p className={classes.repairs}><IconTool size={14} aria-hidden /> {repaired(frame)} {t("messages.repaired_help")}</p>}
          <Side name={t("messages.call")} value={frame.call} />
          <Side name={frame.answered_at ? `${t("messages.answer")} · ${time(frame.answered_at, "seconds", zone)}` : t("messages.answer")} value={frame.answer} />
        </div>
      )}
    </li>
  );
}

function Outcome({ frame }: { frame: Frame }) {
  const { t } = useTranslation();
  if (frame.outcome === "waiting") return <span className={classes.wait}>{t("messages.waiting")}</span>;
  if (BAD.has(frame.outcome)) return <span className={classes.bad}>{frame.error_code ?? t(`messages.${frame.outcome as "timeout"}`)}</span>;
  const ms = frame.latency_ms;
  return ms === null || ms === undefined ? null : ms < 1 ? "< 1 ms" : `${number(ms, ms < 10 ? 1 : 0)} ms`;
}

function Side({ name, value }: { name: string; value: unknown }) {
  const { t } = useTranslation();
  const text = value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className={classes.side}>
      <h3>
        {name}
        {text && (
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Tooltip label={t("messages.copy")}>
                <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`${t("messages.copy")}: ${name}`}>{copied ? <IconCheck size={14} /> : <IconCopy size={14} />}</ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        )}
      </h3>
      <pre className={classes.json} tabIndex={0}>{text || t("messages.none_yet")}</pre>
    </div>
  );
}

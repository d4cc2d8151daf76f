import { ActionIcon, NativeSelect } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { number } from "~/lib/format";
import classes from "./DataTable.module.css";

type Props = { offset: number; limit: number; total: number; onPage: (offset: number) => void; onLimit?: (limit: number) => void };

export function Pager({ offset, limit, total, onPage, onLimit }: Props) {
  const { t } = useTranslation();
  const to = Math.min(offset + limit, total);
  return (
    <div className={classes.foot}>
      {onLimit && (
        <NativeSelect
          size="xs"
          aria-label={t("word.page_size")}
          value={String(limit)}
          onChange={(event) => onLimit(Number(event.currentTarget.value))}
          data={["25", "50", "100", "250", "500"]}
        />
      )}
      <span className="num" aria-live="polite">
        {t("word.rows", { from: number(total === 0 ? 0 : offset + 1), to: number(to), total: number(total) })}
      </span>
      <span style={{ display: "inline-flex", gap: 4 }}>
        <ActionIcon variant="default" size="lg" aria-label={t("word.previous")} disabled={offset === 0} onClick={() => onPage(Math.max(0, offset - limit))}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("word.next")} disabled={to >= total} onClick={() => onPage(offset + limit)}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </span>
    </div>
  );
}

/** Where one is in a list that has no pages. */
export function Place({ from, to, total }: { from: number; to: number; total: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.foot} data-slim>
      <span className="num">{t("word.rows", { from: number(Math.min(from + 1, total)), to: number(Math.min(to + 1, total)), total: number(total) })}</span>
    </div>
  );
}

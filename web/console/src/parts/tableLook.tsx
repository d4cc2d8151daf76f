import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { showUndo } from "./undo";
import classes from "./Toolbar.module.css";

type Named = { id: string; head: string };
type View = { name: string; search: Record<string, unknown> };

/** Columns shown, density and saved views of one table, kept in this browser. */
export function useTableLook(table: string, columns: Named[], hiddenFirst: string[] = []): { hidden: string[]; dense: boolean; panel: ReactNode } {
  const { t } = useTranslation();
  const [hidden, setHidden] = useLocalStorage<string[]>({ key: `bluesky-${table}-hidden`, defaultValue: hiddenFirst });
  const [dense, setDense] = useLocalStorage({ key: `bluesky-${table}-dense`, defaultValue: false });
  const toggle = (id: string) => setHidden(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id]);
  const panel = (
    <>
      <fieldset className={classes.part}>
        <legend>{t("word.columns")}</legend>
        {columns.slice(1).filter((column) => column.head).map((column) => (
          <Checkbox key={column.id} label={column.head} checked={!hidden.includes(column.id)} onChange={() => toggle(column.id)} />
        ))}
      </fieldset>
      <div className={classes.part}>
        <Checkbox label={t("word.compact")} checked={dense} onChange={() => setDense(!dense)} />
      </div>
      <Views table={table} />
    </>
  );
  return { hidden, dense, panel };
}

function Views({ table }: { table: string }) {
  const { t } = useTranslation();
  const [views, setViews] = useLocalStorage<View[]>({ key: `bluesky-${table}-views`, defaultValue: [] });
  const search = useLocation({ select: (location) => location.search }) as Record<string, unknown>;
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const save = () => {
    if (!name.trim()) return;
    setViews([...views.filter((view) => view.name !== name.trim()), { name: name.trim(), search: { ...search, offset: undefined } }]);
    setName("");
  };
  const remove = (view: View) => {
    setViews(views.filter((other) => other !== view));
    showUndo(t("stations.view_deleted", { name: view.name }), () => setViews(views));
  };
  return (
    <div className={classes.part}>
      <span className={classes.partHead}>{t("stations.views")}</span>
      {views.length > 0 && (
        <ul className={classes.views}>
          {views.map((view) => (
            <li key={view.name} className={classes.view}>
              <Button size="xs" variant="subtle" justify="start" leftSection={<IconBookmark size={16} />} onClick={() => void navigate({ to: ".", search: view.search as never })}>{view.name}</Button>
              <ActionIcon variant="subtle" color="gray" aria-label={`${t("word.delete")}: ${view.name}`} onClick={() => remove(view)}><IconTrash size={16} /></ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <form className={classes.view} onSubmit={(event) => { event.preventDefault(); save(); }}>
        <TextInput flex={1} size="xs" aria-label={t("stations.view_name")} placeholder={t("stations.save_view")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button size="xs" variant="default" type="submit" disabled={!name.trim()}>{t("word.save")}</Button>
      </form>
    </div>
  );
}

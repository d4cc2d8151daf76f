import { Menu, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconBookmark, IconLayoutList, IconTrash } from "@tabler/icons-react";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

type Named = { id: string; head: string };
type View = { name: string; search: Record<string, unknown> };

/** Columns shown, density and saved views of one table, kept in this browser. */
export function useTableLook(table: string, columns: Named[], hiddenFirst: string[] = []): { hidden: string[]; dense: boolean; menu: ReactNode } {
  const { t } = useTranslation();
  const [hidden, setHidden] = useLocalStorage<string[]>({ key: `bluesky-${table}-hidden`, defaultValue: hiddenFirst });
  const [dense, setDense] = useLocalStorage({ key: `bluesky-${table}-dense`, defaultValue: false });
  const toggle = (id: string) => setHidden(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id]);
  const menu = (
    <>
      <Menu.Label>{t("word.columns")}</Menu.Label>
      {columns.slice(1).map((column) => (
        <Menu.CheckboxItem key={column.id} checked={!hidden.includes(column.id)} onChange={() => toggle(column.id)}>{column.head}</Menu.CheckboxItem>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<IconLayoutList size={16} />} onClick={() => setDense(!dense)}>{t(dense ? "word.roomy" : "word.compact")}</Menu.Item>
      <Views table={table} />
    </>
  );
  return { hidden, dense, menu };
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
  return (
    <>
      <Menu.Label>{t("stations.views")}</Menu.Label>
      {views.map((view) => (
        <Menu.Item key={view.name} leftSection={<IconBookmark size={16} />} onClick={() => void navigate({ to: ".", search: view.search as never })}
          rightSection={<IconTrash size={14} role="button" aria-label={t("word.delete")} onClick={(event) => { event.stopPropagation(); setViews(views.filter((other) => other !== view)); }} />}>
          {view.name}
        </Menu.Item>
      ))}
      <form style={{ padding: "4px 8px" }} onSubmit={(event) => { event.preventDefault(); save(); }}>
        <TextInput size="xs" aria-label={t("stations.view_name")} placeholder={t("stations.save_view")} value={name} onChange={(event) => setName(event.currentTarget.value)} onKeyDown={(event) => event.stopPropagation()} />
      </form>
    </>
  );
}

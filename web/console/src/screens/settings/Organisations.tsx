import { NativeSelect, TextInput } from "@mantine/core";
import { IconBuilding, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type Organisation } from "~/lib/api/client";
import { can } from "~/lib/can";
import { organisationsQuery } from "~/lib/queries";
import { useOwners } from "~/lib/within";
import { ActionButton } from "~/parts/ActionButton";
import { Confirm } from "~/parts/Confirm";
import { DataTable } from "~/parts/DataTable";
import { Buttons, fieldError, Form, Popup } from "~/parts/Form";
import { Empty } from "~/parts/Page";
import { RowActions } from "~/parts/RowActions";
import { Toolbar } from "~/parts/Toolbar";

type Doing = { what: "add" } | { what: "edit" | "delete"; organisation: Organisation };
type Node = Organisation & { depth: number };

/** Depth first, so that the table reads as a tree. */
function tree(all: Organisation[], parent: string | null = null, depth = 0): Node[] {
  const here = all.filter((one) => (parent === null ? one.parent_id === null || !all.some((other) => other.id === one.parent_id) : one.parent_id === parent));
  return here.flatMap((one) => [{ ...one, depth }, ...tree(all, one.id, depth + 1)]);
}

export function Organisations() {
  const { t } = useTranslation();
  const may = can.changeOrganisations(useMe());
  const client = useQueryClient();
  const list = useQuery(organisationsQuery);
  const [doing, set] = useState<Doing | null>(null);
  const close = () => set(null);
  const all = list.data?.items ?? [];
  const owners = useOwners();
  const actions = (organisation: Organisation) => (
    <RowActions name={organisation.name} actions={[
      { label: t("word.edit"), icon: IconPencil, run: () => set({ what: "edit", organisation }), disabled: !may.ok },
      { label: t("word.delete"), icon: IconTrash, run: () => set({ what: "delete", organisation }), danger: true, disabled: !may.ok },
    ]} />
  );
  const remove = async (organisation: Organisation) => {
    await unwrap(api.DELETE("/api/v1/organisations/{organisation_id}", { params: { path: { organisation_id: organisation.id } } }));
    await client.invalidateQueries({ queryKey: ["organisations"] });
  };
  const name = (node: Node) => <strong style={{ fontWeight: 600, paddingLeft: node.depth * 24 }}>{node.name}</strong>;
  const parent = (node: Node) => all.find((one) => one.id === node.parent_id)?.name ?? t("settings.top");
  return (
    <>
      <Toolbar side={<ActionButton can={may} onClick={() => set({ what: "add" })} leftSection={<IconPlus size={16} />}>{t("settings.add_organisation")}</ActionButton>}>{null}</Toolbar>
      <DataTable<Node>
        label={t("settings.organisations")} rows={list.data && tree(owners ?? all)} error={list.error} retry={() => void list.refetch()} keyOf={(node) => node.id}
        columns={[
          { id: "name", head: t("word.name"), cell: name },
          { id: "parent", head: t("settings.parent"), cell: parent },
          { id: "do", head: "", right: true, cell: actions },
        ]}
        card={(node) => <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}><span>{name(node)}<br />{parent(node)}</span>{actions(node)}</div>}
        empty={<Empty icon={IconBuilding} title={t("settings.organisations")} />}
      />
      {(doing?.what === "add" || doing?.what === "edit") && <Fields organisation={doing.what === "edit" ? doing.organisation : undefined} all={all} close={close} />}
      {doing?.what === "delete" && <Confirm title={t("settings.delete_title", { name: doing.organisation.name })} help={t("settings.delete_help")} label={t("word.delete")} run={() => remove(doing.organisation)} close={close} />}
    </>
  );
}

function Fields({ organisation, all, close }: { organisation?: Organisation; all: Organisation[]; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(organisation?.name ?? "");
  const [parent, setParent] = useState(organisation?.parent_id ?? "");
  const save = useMutation({
    mutationFn: () => {
      const body = { name, parent_id: parent || null };
      return organisation ? unwrap(api.PATCH("/api/v1/organisations/{organisation_id}", { params: { path: { organisation_id: organisation.id } }, body })) : unwrap(api.POST("/api/v1/organisations", { body }));
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["organisations"] });
      close();
    },
  });
  return (
    <Popup title={organisation ? t("settings.edit", { name: organisation.name }) : t("settings.add_organisation")} close={close}>
      <Form submit={() => save.mutate()} error={save.error}>
        <TextInput label={t("word.name")} value={name} required withAsterisk={false} data-autofocus onChange={(event) => setName(event.currentTarget.value)} error={fieldError(save.error, "name")} />
        <NativeSelect label={t("settings.parent")} value={parent} onChange={(event) => setParent(event.currentTarget.value)} data={[{ value: "", label: t("settings.no_parent") }, ...all.filter((one) => one.id !== organisation?.id).map((one) => ({ value: one.id, label: one.name }))]} error={fieldError(save.error, "parent_id")} />
        <Buttons close={close} label={t("word.save")} submit loading={save.isPending} />
      </Form>
    </Popup>
  );
}

import { Button, Code, Group, Stack, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type ApiKey } from "~/lib/api/client";
import { can } from "~/lib/can";
import { time } from "~/lib/format";
import { keysQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { Confirm } from "~/parts/Confirm";
import { DataTable } from "~/parts/DataTable";
import { Grants, useGrantWords, type Grant } from "./Grants";
import { Buttons, fieldError, Form, Popup } from "~/parts/Form";
import { Empty } from "~/parts/Page";
import { PasteLine } from "~/parts/PasteBox";
import { RowActions } from "~/parts/RowActions";
import { Toolbar } from "~/parts/Toolbar";

export function Keys() {
  const { t } = useTranslation();
  const inWords = useGrantWords();
  const may = can.changeKeys(useMe());
  const client = useQueryClient();
  const list = useQuery(keysQuery);
  const [adding, add] = useState(false);
  const [revoking, revoke] = useState<ApiKey | null>(null);
  const state = (key: ApiKey) => (key.revoked_at ? t("settings.revoked") : key.used_at ? time(key.used_at, "datetime") : t("settings.never"));
  const actions = (key: ApiKey) => !key.revoked_at && <RowActions name={key.name} actions={[{ label: t("settings.revoke"), icon: IconTrash, run: () => revoke(key), danger: true, disabled: !may.ok }]} />;
  const end = async (key: ApiKey) => {
    await unwrap(api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: key.id } } }));
    await client.invalidateQueries({ queryKey: ["api-keys"] });
  };
  return (
    <>
      <Toolbar side={<ActionButton can={may} onClick={() => add(true)} leftSection={<IconPlus size={16} />}>{t("settings.add_key")}</ActionButton>}>{null}</Toolbar>
      <DataTable<ApiKey>
        label={t("settings.keys")} rows={list.data?.items} error={list.error} retry={() => void list.refetch()} keyOf={(key) => key.id}
        columns={[
          { id: "name", head: t("word.name"), cell: (key) => <strong style={{ fontWeight: 600 }}>{key.name}</strong> },
          { id: "hint", rank: 1, head: t("settings.key_begins"), cell: (key) => <Code>{key.hint}…</Code> },
          { id: "role", head: t("settings.role"), cell: (key) => key.grants.map(inWords).join(", ") },
          { id: "created", rank: 2, head: t("word.created"), right: true, cell: (key) => <span className="num">{time(key.created_at, "date")}</span> },
          { id: "used", head: t("settings.last_used"), right: true, cell: (key) => <span className="num">{state(key)}</span> },
          { id: "do", head: "", right: true, cell: actions },
        ]}
        card={(key) => <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}><span><strong>{key.name}</strong><br />{key.grants.map(inWords).join(", ")} · {state(key)}</span>{actions(key)}</div>}
        empty={<Empty icon={IconKey} title={t("settings.empty_keys")} help={t("settings.empty_keys_help")} />}
      />
      {adding && <Fields close={() => add(false)} />}
      {revoking && <Confirm title={t("settings.revoke_title", { name: revoking.name })} help={t("settings.revoke_help")} label={t("settings.revoke")} run={() => end(revoking)} close={() => revoke(null)} />}
    </>
  );
}

function Fields({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [grants, setGrants] = useState<Grant[]>([{ role: "viewer", organisation_id: null, location_id: null }]);
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/api-keys", { body: { name, grants: grants as never } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["api-keys"] }),
  });
  return (
    <Popup title={t("settings.add_key")} close={close} size="lg">
      {make.data ? (
        <Stack>
          <PasteLine name={t("settings.key_once")} value={make.data.key} />
          <Group justify="flex-end"><Button onClick={close}>{t("word.done")}</Button></Group>
        </Stack>
      ) : (
        <Form submit={() => make.mutate()} error={make.error}>
          <TextInput label={t("word.name")} value={name} required withAsterisk={false} data-autofocus onChange={(event) => setName(event.currentTarget.value)} error={fieldError(make.error, "name")} />
          <Grants grants={grants} onChange={setGrants} />
          <Buttons close={close} label={t("settings.add_key")} submit loading={make.isPending} />
        </Form>
      )}
    </Popup>
  );
}

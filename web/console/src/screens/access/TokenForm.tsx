import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap, type IdToken } from "~/lib/api/client";
import { Buttons, fieldError, Form, FormProblem, Popup } from "~/parts/Form";
import { useWhose } from "./whose";

export function TokenForm({ token, close }: { token?: IdToken; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [uid, setUid] = useState("");
  const [label, setLabel] = useState(token?.label ?? "");
  const [group, setGroup] = useState(token?.group_id ?? "");
  const [status, setStatus] = useState<string>(token?.status ?? "active");
  const [expires, setExpires] = useState(token?.expires_at?.slice(0, 10) ?? "");
  const whose = useWhose();
  const [chosen, setOwner] = useState<string>();
  const owner = chosen ?? (token ? (token.organisation_id ?? "") : whose.mine);
  const save = useMutation({
    mutationFn: () => {
      const body = { ...((chosen !== undefined || !token) && { organisation_id: owner || null }), label: label || null, group_id: group || null, status, expires_at: expires ? new Date(`${expires}T00:00:00`).toISOString() : null } as never;
      return token
        ? unwrap(api.PATCH("/api/v1/id-tokens/{id_token_id}", { params: { path: { id_token_id: token.id } }, body }))
        : unwrap(api.POST("/api/v1/id-tokens", { body: { uid, ...(body as object) } as never }));
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["id-tokens"] });
      close();
    },
  });
  if (!whose.known) return null; // what is saved before would be nobody's
  return (
    <Popup title={token ? t("access.edit_title", { uid: token.uid }) : t("access.add")} close={close}>
      <Form submit={() => save.mutate()} error={save.error}>
        {!token && <TextInput label={t("access.uid")} description={t("access.uid_help")} value={uid} maxLength={20} required withAsterisk={false} data-autofocus onChange={(event) => setUid(event.currentTarget.value)} error={fieldError(save.error, "uid")} />}
        <TextInput label={`${t("access.label")} (${t("word.optional")})`} description={t("access.label_help")} value={label} onChange={(event) => setLabel(event.currentTarget.value)} error={fieldError(save.error, "label")} />
        <TextInput label={`${t("access.group")} (${t("word.optional")})`} description={t("access.group_help")} value={group} maxLength={20} onChange={(event) => setGroup(event.currentTarget.value)} error={fieldError(save.error, "group_id")} />
        <NativeSelect label={t("access.status")} value={status} onChange={(event) => setStatus(event.currentTarget.value)} data={[{ value: "active", label: t("access.active") }, { value: "blocked", label: t("access.blocked") }]} />
        <TextInput type="date" label={`${t("access.expires")} (${t("word.optional")})`} description={t("access.expires_help")} value={expires} onChange={(event) => setExpires(event.currentTarget.value)} error={fieldError(save.error, "expires_at")} />
        {whose.many && <NativeSelect label={t("settings.organisation")} value={owner} onChange={(event) => setOwner(event.currentTarget.value)} data={whose.choices} error={fieldError(save.error, "organisation_id")} />}
        <Buttons close={close} label={t("word.save")} submit loading={save.isPending} />
      </Form>
    </Popup>
  );
}

export function DeleteToken({ token, close }: { token: IdToken; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/id-tokens/{id_token_id}", { params: { path: { id_token_id: token.id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["id-tokens"] });
      notifications.show({ message: t("access.deleted", { uid: token.uid }) });
      close();
    },
  });
  return (
    <Popup title={t("access.delete_title", { uid: token.uid })} close={close}>
      <Stack>
        <Text>{t("access.delete_help")}</Text>
        <FormProblem error={remove.error} />
        <Buttons close={close} label={t("word.delete")} danger onClick={() => remove.mutate()} loading={remove.isPending} />
      </Stack>
    </Popup>
  );
}

import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash, IconUserOff, IconUserCheck, IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type User } from "~/lib/api/client";
import { can } from "~/lib/can";
import { time } from "~/lib/format";
import { organisationsQuery, usersQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { Confirm } from "~/parts/Confirm";
import { DataTable } from "~/parts/DataTable";
import { Buttons, fieldError, Form, FormProblem, Popup } from "~/parts/Form";
import { Empty } from "~/parts/Page";
import { RowActions } from "~/parts/RowActions";
import { Grants, useGrantWords, type Grant } from "./Grants";
import { Toolbar } from "~/parts/Toolbar";
import { showUndo } from "~/parts/undo";

type Doing = { what: "add" } | { what: "edit" | "delete"; user: User };

export function Users() {
  const { t } = useTranslation();
  const me = useMe();
  const may = can.changeUsers(me);
  const client = useQueryClient();
  const list = useQuery(usersQuery());
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const inWords = useGrantWords();
  const [doing, set] = useState<Doing | null>(null);
  const close = () => set(null);
  const fresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const disable = useMutation({
    mutationFn: (user: User) => unwrap(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body: { disabled: !user.disabled } as never })),
    onSuccess: (after) => {
      void fresh();
      showUndo(t(after.disabled ? "settings.disabled_toast" : "settings.enabled_toast", { name: after.name }), () => disable.mutateAsync(after).then(() => undefined));
    },
  });
  const actions = (user: User) => (
    <RowActions name={user.name} actions={[
      { label: t("word.edit"), icon: IconPencil, run: () => set({ what: "edit", user }), disabled: !may.ok },
      { label: t(user.disabled ? "settings.enable" : "settings.disable"), icon: user.disabled ? IconUserCheck : IconUserOff, run: () => disable.mutate(user), disabled: !may.ok || user.id === me?.id },
      { label: t("word.delete"), icon: IconTrash, run: () => set({ what: "delete", user }), danger: true, disabled: !may.ok || user.id === me?.id },
    ]} />
  );
  const name = (user: User) => <><strong style={{ fontWeight: 600 }}>{user.name}</strong>{user.id === me?.id && ` (${t("settings.you")})`}{user.disabled && ` · ${t("settings.disabled")}`}</>;
  const remove = async (user: User) => {
    await unwrap(api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } } }));
    await fresh();
  };
  return (
    <>
      <Toolbar side={<ActionButton can={may} onClick={() => set({ what: "add" })} leftSection={<IconPlus size={16} />}>{t("settings.add_user")}</ActionButton>}>{null}</Toolbar>
      <FormProblem error={disable.error} />
      <DataTable<User>
        label={t("settings.users")} rows={list.data?.items} error={list.error} retry={() => void list.refetch()} keyOf={(user) => user.id}
        columns={[
          { id: "name", head: t("word.name"), cell: name },
          { id: "email", head: t("settings.email"), cell: (user) => user.email },
          { id: "role", head: t("settings.role"), cell: (user) => user.grants.map(inWords).join(", ") },
          { id: "organisation", rank: 1, head: t("settings.organisation"), cell: (user) => organisations.find((one) => one.id === user.organisation_id)?.name ?? "–" },
          { id: "created", rank: 2, head: t("word.created"), right: true, cell: (user) => <span className="num">{time(user.created_at, "date")}</span> },
          { id: "do", head: "", right: true, cell: actions },
        ]}
        card={(user) => <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}><span style={{ minWidth: 0, overflowWrap: "anywhere" }}>{name(user)}<br />{user.email}<br />{user.grants.map(inWords).join(", ")}</span>{actions(user)}</div>}
        empty={<Empty icon={IconUsers} title={t("settings.users")} />}
      />
      {(doing?.what === "add" || doing?.what === "edit") && <Fields user={doing.what === "edit" ? doing.user : undefined} close={close} />}
      {doing?.what === "delete" && <Confirm title={t("settings.delete_title", { name: doing.user.name })} help={t("settings.delete_user_help")} label={t("word.delete")} run={() => remove(doing.user)} close={close} />}
    </>
  );
}

function Fields({ user, close }: { user?: User; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const [values, set] = useState({ name: user?.name ?? "", email: user?.email ?? "", password: "", grants: user?.grants ?? [{ role: "viewer", organisation_id: null, location_id: null }], organisation_id: user?.organisation_id ?? "" });
  const save = useMutation({
    mutationFn: () => {
      const { password, organisation_id, ...rest } = values;
      const body = { ...rest, organisation_id: organisation_id || null, ...(password && { password }) } as never;
      return user ? unwrap(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body })) : unwrap(api.POST("/api/v1/users", { body }));
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["users"] });
      close();
    },
  });
  const field = (name: "name" | "email" | "password") => ({
    value: values[name], error: fieldError(save.error, name), withAsterisk: false,
    onChange: (event: { currentTarget: { value: string } }) => { const { value } = event.currentTarget; set((before) => ({ ...before, [name]: value })); },
  });
  return (
    <Popup title={user ? t("settings.edit", { name: user.name }) : t("settings.add_user")} close={close}>
      <Form submit={() => save.mutate()} error={save.error}>
        <TextInput label={t("word.name")} required data-autofocus {...field("name")} />
        <TextInput label={t("settings.email")} type="email" required {...field("email")} />
        <PasswordInput label={t("settings.password")} description={t(user ? "settings.password_keep" : "settings.password_help")} required={!user} autoComplete="new-password" {...field("password")} visibilityToggleButtonProps={{ "aria-label": t("sign_in.show") }} />
        <Grants grants={values.grants} onChange={(grants: Grant[]) => set((before) => ({ ...before, grants }))} />
        <NativeSelect label={t("settings.organisation")} value={values.organisation_id} onChange={(event) => { const { value } = event.currentTarget; set((before) => ({ ...before, organisation_id: value })); }} data={[{ value: "", label: "–" }, ...organisations.map((one) => ({ value: one.id, label: one.name }))]} />
        <Buttons close={close} label={t("word.save")} submit loading={save.isPending} />
      </Form>
    </Popup>
  );
}

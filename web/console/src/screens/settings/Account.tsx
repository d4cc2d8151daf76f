import { Badge, Button, PasswordInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type Schemas } from "~/lib/api/client";
import { duration } from "~/lib/format";
import { useNow } from "~/lib/now";
import { webSessionsQuery } from "~/lib/queries";
import { fieldError, Form } from "~/parts/Form";
import { Card } from "~/parts/Page";

export function Account() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} maw={960}>
      <Card title={t("settings.change_password")}>
        <Text c="dimmed" mb={12}>{me?.name} · {me?.email} · {me?.role && t(`role.${me.role}`)}</Text>
        <PasswordForm />
      </Card>
      <Card title={t("settings.browsers")}><Browsers /></Card>
    </SimpleGrid>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const [values, set] = useState({ current_password: "", new_password: "" });
  const change = useMutation({
    mutationFn: () => unwrap(api.PUT("/api/v1/me/password", { body: values })),
    onSuccess: () => {
      set({ current_password: "", new_password: "" });
      notifications.show({ message: t("settings.password_changed") });
    },
  });
  const field = (name: keyof typeof values) => ({
    value: values[name], required: true, withAsterisk: false, error: fieldError(change.error, name), visibilityToggleButtonProps: { "aria-label": t("sign_in.show") },
    onChange: (event: { currentTarget: { value: string } }) => { const { value } = event.currentTarget; set((before) => ({ ...before, [name]: value })); },
  });
  return (
    <Form submit={() => change.mutate()} error={change.error}>
      <PasswordInput label={t("settings.current_password")} autoComplete="current-password" {...field("current_password")} />
      <PasswordInput label={t("settings.new_password")} description={t("settings.password_help")} autoComplete="new-password" {...field("new_password")} />
      <div><Button type="submit" loading={change.isPending}>{t("settings.change_password")}</Button></div>
    </Form>
  );
}

function Browsers() {
  const { t } = useTranslation();
  const sessions = useQuery(webSessionsQuery).data?.items ?? [];
  return (
    <Stack gap={12}>
      <Text c="dimmed">{t("settings.browsers_help")}</Text>
      {sessions.map((session) => <Browser key={session.id} session={session} />)}
    </Stack>
  );
}

function Browser({ session }: { session: Schemas["WebSessionOut"] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const now = useNow(30_000);
  const end = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/me/web-sessions/{web_session_id}", { params: { path: { web_session_id: session.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["web-sessions"] }),
  });
  return (
    <div style={{ display: "flex", gap: 12, alignItems: "center", justifyContent: "space-between" }}>
      <span style={{ minWidth: 0, overflowWrap: "anywhere" }}>
        {browserName(session.user_agent)} · {session.address}
        <Text size="xs" c="dimmed">{t("settings.last_seen", { time: duration(now - Date.parse(session.seen_at)) })}</Text>
      </span>
      {session.current ? <Badge variant="light" tt="none">{t("settings.this_browser")}</Badge> : <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate()}>{t("settings.end")}</Button>}
    </div>
  );
}

function browserName(agent: string): string {
  const found = /(Firefox|Edg|OPR|HeadlessChrome|Chrome|Safari)\/[\d.]+/.exec(agent)?.[1] ?? agent.slice(0, 40);
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  const name = { Edg: "Edge", OPR: "Opera", HeadlessChrome: "Chrome" }[found] ?? found;
  return system ? `${name}, ${system}` : name;
}

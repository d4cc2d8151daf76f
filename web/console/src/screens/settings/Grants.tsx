import { ActionIcon, Button, Fieldset, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "~/lib/api/client";
import { locationsQuery, organisationsQuery } from "~/lib/queries";

export type Grant = Schemas["GrantOut"];
type Role = Schemas["Role"];
export const ROLES: Role[] = ["administrator", "operator", "technician", "site_host", "viewer"];

/** The names of organisations and locations, and a grant in words: its role, and where it holds. */
export function useGrantWords(): (grant: Grant) => string {
  const { t } = useTranslation();
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const locations = useQuery(locationsQuery).data?.items ?? [];
  return (grant) => {
    const where = organisations.find((one) => one.id === grant.organisation_id)?.name ?? locations.find((one) => one.id === grant.location_id)?.name;
    const role = t(`role.${grant.role as Role}`);
    return where ? t("settings.role_at", { role, where }) : grant.organisation_id || grant.location_id ? role : t("settings.role_everywhere", { role });
  };
}

/** Roles, each everywhere, in an organisation and all below it, or at a location. */
export function Grants({ grants, onChange }: { grants: Grant[]; onChange: (grants: Grant[]) => void }) {
  const { t } = useTranslation();
  const change = (at: number, what: Partial<Grant>) => onChange(grants.map((grant, index) => (index === at ? { ...grant, ...what } : grant)));
  return (
    <Fieldset legend={t("settings.roles")} variant="unstyled">
      <Stack gap={8}>
        {grants.map((grant, index) => (
          <div key={index}>
            <Group align="flex-end" wrap="nowrap" gap={8}>
              <NativeSelect style={{ flex: 1 }} label={t("settings.role")} value={grant.role} onChange={(event) => change(index, { role: event.currentTarget.value })} data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
              <Where grant={grant} onChange={(what) => change(index, what)} />
              {grants.length > 1 && <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("settings.role_remove")} onClick={() => onChange(grants.filter((_, at) => at !== index))}><IconTrash size={18} /></ActionIcon>}
            </Group>
            <Text size="xs" c="dimmed" mt={4}>{t(`role.${grant.role as Role}_help`)}</Text>
          </div>
        ))}
        <Group><Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => onChange([...grants, { role: "viewer", organisation_id: null, location_id: null }])}>{t("settings.role_add")}</Button></Group>
      </Stack>
    </Fieldset>
  );
}

function Where({ grant, onChange }: { grant: Grant; onChange: (what: Partial<Grant>) => void }) {
  const { t } = useTranslation();
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const value = grant.organisation_id ? `o:${grant.organisation_id}` : grant.location_id ? `l:${grant.location_id}` : "";
  const set = (chosen: string) => onChange({ organisation_id: chosen.startsWith("o:") ? chosen.slice(2) : null, location_id: chosen.startsWith("l:") ? chosen.slice(2) : null });
  return (
    <NativeSelect
      style={{ flex: 1 }} label={t("settings.where")} value={value} onChange={(event) => set(event.currentTarget.value)}
      data={[
        { value: "", label: t("settings.everywhere") },
        { group: t("settings.organisations"), items: organisations.map((one) => ({ value: `o:${one.id}`, label: one.name })) },
        { group: t("settings.locations"), items: locations.map((one) => ({ value: `l:${one.id}`, label: one.name })) },
      ]}
    />
  );
}

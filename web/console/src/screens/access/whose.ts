/** Id tokens belong to organisations, or to nobody in particular. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { locationsQuery, organisationsQuery } from "~/lib/queries";
import { useOwners } from "~/lib/within";

export type Whose = ReturnType<typeof useWhose>;

/** Names and choices of owners; `mine` is that of new tokens, once all is `known`; `said` whose tokens a list shows while a part of the network is looked at. */
export function useWhose() {
  const { t } = useTranslation();
  const me = useMe();
  const organisations = useQuery(organisationsQuery);
  const places = useQuery(locationsQuery);
  const all = organisations.data?.items ?? [];
  const looked = useOwners();
  const everywhere = me?.scopes.some((scope) => scope.everything && scope.rights.includes("id_tokens.write")) ?? false;
  const mine = looked?.[0]?.id ?? (all.length === 1 || !everywhere ? (all[0]?.id ?? "") : "");
  return {
    known: !organisations.isPending && !places.isPending,
    many: all.length > 1,
    mine,
    said: looked && t("access.of", { names: looked.map((one) => one.name).join(", ") }),
    name: (id: string | null) => (id === null ? t("access.nobodys") : (all.find((one) => one.id === id)?.name ?? "–")),
    choices: [...(everywhere ? [{ value: "", label: t("access.nobodys") }] : []), ...all.map((one) => ({ value: one.id, label: one.name }))],
  };
}

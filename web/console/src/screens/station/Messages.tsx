import { Button, Center, NativeSelect, Skeleton, Switch } from "@mantine/core";
import { IconCode, IconMessages } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap, type Frame } from "~/lib/api/client";
import { download } from "~/lib/csv";
import { useLiveStation } from "~/lib/live";
import { FrameList } from "~/parts/FrameList";
import { Empty, ProblemBox } from "~/parts/Page";
import { SearchBox } from "~/parts/SearchBox";
import { Toolbar } from "~/parts/Toolbar";

const ACTIONS = [
  "Authorize", "BootNotification", "ChangeAvailability", "ChangeConfiguration", "ClearCache", "DataTransfer", "DiagnosticsStatusNotification",
  "FirmwareStatusNotification", "GetConfiguration", "Heartbeat", "MeterValues", "RemoteStartTransaction", "RemoteStopTransaction", "Reset",
  "StartTransaction", "StatusNotification", "StopTransaction", "TriggerMessage", "UnlockConnector",
];

/** Everything the station says and hears, as a conversation that follows it live. */
export function Messages({ station }: { station: string }) {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const follow = asText(address.follow) !== "no";
  const zone = useLiveStation(station)?.location?.time_zone;
  const asked = {
    action: asText(address.action), direction: asText(address.direction) as "in" | "out" | undefined,
    outcome: asText(address.outcome), text: asText(address.text),
  };
  const list = useInfiniteQuery({
    queryKey: ["frames", station, asked],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET("/api/v1/stations/{identity}/frames", { params: { path: { identity: station }, query: { ...asked, before: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.before ?? undefined,
    refetchInterval: (query) => (follow && (query.state.data?.pages.length ?? 1) === 1 ? 1_500 : false),
  });
  const frames = list.data?.pages.flatMap((page) => page.items);
  const set = (name: string) => (event: { currentTarget: { value: string } }) => go({ [name]: event.currentTarget.value || undefined });
  return (
    <>
      <Toolbar
        download={frames?.length ? () => exportFrames(station, frames) : undefined} format="JSON"
        side={
          <>
            <Switch label={t("messages.follow")} checked={follow} onChange={(event) => go({ follow: event.currentTarget.checked ? undefined : "no" }, { replace: true })} />
            <Button variant="default" leftSection={<IconCode size={16} />} onClick={() => go({ tab: "maintenance", form: "raw" })}>{t("messages.raw")}</Button>
          </>
        }
      >
        <SearchBox aria-label={t("messages.search")} placeholder={t("messages.search")} value={asked.text} search={(text) => go({ text }, { replace: true })} w={210} />
        <NativeSelect maw={190} aria-label={t("messages.any_action")} value={asked.action ?? ""} onChange={set("action")} data={[{ value: "", label: t("messages.any_action") }, ...ACTIONS]} />
        <NativeSelect aria-label={t("messages.both")} value={asked.direction ?? ""} onChange={set("direction")} data={[{ value: "", label: t("messages.both") }, { value: "in", label: t("messages.from_station") }, { value: "out", label: t("messages.to_station") }]} />
        <NativeSelect maw={150} aria-label={t("messages.any_outcome")} value={asked.outcome ?? ""} onChange={set("outcome")} data={[{ value: "", label: t("messages.any_outcome") }, { value: "error", label: t("messages.errors") }, { value: "timeout", label: t("messages.timeout") }, { value: "malformed", label: t("messages.malformed") }, { value: "waiting", label: t("messages.waiting") }]} />
      </Toolbar>
      {list.error && !frames ? <ProblemBox error={list.error} retry={() => void list.refetch()} /> : !frames ? <Skeleton height={320} radius={8} /> : frames.length === 0 ? (
        <Empty icon={IconMessages} title={t("messages.empty")} help={t("messages.empty_help")} />
      ) : (
        <>
          <FrameList frames={frames} zone={zone} label={t("messages.list")} />
          <Center mt={12}>
            {list.hasNextPage ? <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("messages.older")}</Button> : <span>{t("messages.end")}</span>}
          </Center>
        </>
      )}
    </>
  );
}

function exportFrames(station: string, frames: Frame[]): void {
  download(`messages-${station}.json`, JSON.stringify(frames, null, 2), "application/json");
}

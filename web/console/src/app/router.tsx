import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, retainSearchParams } from "@tanstack/react-router";
import { whenSignedOut } from "~/lib/api/client";
import { live } from "~/lib/live";
import { meQuery, queryClient } from "~/lib/queries";
import { lookWithin } from "~/lib/within";
import { Broken, Missing } from "./Broken";
import { Frame } from "./Frame";

type Search = Record<string, string | number | boolean | undefined>;
/** Filters are plain words in the address; screens read what they know. */
const search = (raw: Record<string, unknown>): Search => raw as Search;

const root = createRootRoute({ validateSearch: search, search: { middlewares: [retainSearchParams(["in"])] }, component: Outlet, notFoundComponent: Missing, errorComponent: Broken });

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Frame,
  beforeLoad: async ({ location }) => {
    lookWithin((location.search as Search).in);
    const me = await queryClient.ensureQueryData(meQuery);
    if (me === null) throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { to: location.href } });
    live.start();
  },
});

function screen<P extends string, M>(path: P, load: () => Promise<M>, name: keyof M & string) {
  return createRoute({
    getParentRoute: () => signedIn,
    path,
    validateSearch: search,
    component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
  });
}

function open<P extends string, M>(path: P, load: () => Promise<M>, name: keyof M & string) {
  return createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: search,
    component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
  });
}

const routes = root.addChildren([
  open("/sign-in", () => import("~/screens/sign_in/SignIn"), "SignIn"),
  open("/setup", () => import("~/screens/setup/Setup"), "Setup"),
  signedIn.addChildren([
    screen("/", () => import("~/screens/overview/Overview"), "Overview"),
    screen("/stations", () => import("~/screens/stations/Stations"), "Stations"),
    screen("/stations/$identity", () => import("~/screens/station/StationPage"), "StationPage"),
    screen("/map", () => import("~/screens/map/MapPage"), "MapPage"),
    screen("/sessions", () => import("~/screens/sessions/Sessions"), "Sessions"),
    screen("/sessions/$uid", () => import("~/screens/sessions/SessionPage"), "SessionPage"),
    screen("/access", () => import("~/screens/access/Access"), "Access"),
    screen("/inbox", () => import("~/screens/inbox/Inbox"), "Inbox"),
    screen("/settings", () => import("~/screens/settings/Settings"), "Settings"),
    screen("/settings/$part", () => import("~/screens/settings/Settings"), "Settings"),
    screen("/start", () => import("~/screens/setup/ConnectFirst"), "ConnectFirst"),
  ]),
]);

export const router = createRouter({ routeTree: routes, defaultPreload: "intent", scrollRestoration: true });

whenSignedOut(() => {
  live.stop();
  queryClient.setQueryData(meQuery.queryKey, null);
  if (window.location.pathname !== "/sign-in") void router.navigate({ to: "/sign-in", search: { to: router.state.location.href } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

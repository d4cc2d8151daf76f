import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { asProblem } from "~/lib/api/client";

/** Say what was done, with the way back beside it. */
export function showUndo(said: string, undo: () => void | Promise<void>): void {
  const back = async () => {
    notifications.hide(shown);
    try {
      await undo();
    } catch (error) {
      showProblem(error);
    }
  };
  const shown = notifications.show({ autoClose: 10_000, message: <>{said} <Button size="compact-xs" variant="subtle" onClick={() => void back()}>{i18next.t("word.undo")}</Button></> });
}

export function showProblem(error: unknown): void {
  notifications.show({ color: "red", message: asProblem(error).detail || i18next.t("problem.unreachable") });
}

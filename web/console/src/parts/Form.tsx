import { Button, Group, Modal, Stack, Text, type MantineSize } from "@mantine/core";
import { createContext, useCallback, useContext, useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, ProblemError } from "~/lib/api/client";
import { unsaved } from "~/lib/unsaved";
import classes from "./Form.module.css";

/** The server's word on one field, if it has one. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  return error.errors.find((one) => one.field === field || one.field.endsWith(`.${field}`))?.message;
}

/** What went wrong with a form as a whole; what was entered is kept. */
export function FormProblem({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = asProblem(error);
  const words = problem.code === "unreachable" ? `${t("problem.unreachable")} ${t("problem.kept")}` : problem.detail;
  return <p className={classes.problem} role="alert">{words}</p>;
}

const InModal = createContext<RefObject<boolean> | null>(null);
const Mark = createContext<(changed: boolean) => void>(() => undefined);

/** A form that warns before what was entered is lost; Ctrl- or Cmd-Enter submits it from any field. */
export function Form({ submit, error, className, children }: { submit: () => void; error?: unknown; className?: string; children: ReactNode }) {
  const form = useRef<HTMLFormElement>(null);
  const self = useRef({}).current;
  const modal = useContext(InModal);
  const mark = useCallback((changed: boolean) => {
    if (modal) modal.current = changed;
    unsaved.mark(self, changed);
  }, [modal, self]);
  useEffect(() => () => unsaved.mark(self, false), [self]);
  useEffect(() => {
    if (error) mark(true);
  }, [error, mark]);
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  return (
    <form
      ref={form} className={className} onChange={() => mark(true)} onKeyDown={key}
      onSubmit={(event) => {
        event.preventDefault();
        mark(false);
        submit();
      }}
    >
      <Mark.Provider value={mark}>
        {className ? <><FormProblem error={error} />{children}</> : <Stack><FormProblem error={error} />{children}</Stack>}
      </Mark.Provider>
    </form>
  );
}

/** A dialog; one that holds a changed form asks before it closes. */
export function Popup({ title, close, size, children }: { title: ReactNode; close: () => void; size?: MantineSize; children: ReactNode }) {
  const { t } = useTranslation();
  const changed = useRef(false);
  const [asking, ask] = useState(false);
  const leave = () => {
    unsaved.forget();
    changed.current = false;
    close();
  };
  return (
    <Modal opened onClose={() => (changed.current ? ask(true) : close())} title={title} size={size} closeButtonProps={{ "aria-label": t("word.close") }}>
      <InModal.Provider value={changed}>{children}</InModal.Provider>
      {asking && <Leave stay={() => ask(false)} leave={leave} />}
    </Modal>
  );
}

export function Leave({ stay, leave }: { stay: () => void; leave: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={stay} title={t("unsaved.title")} size="sm" zIndex={400} closeButtonProps={{ "aria-label": t("word.close") }}>
      <Stack>
        <Text>{t("unsaved.help")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={leave}>{t("unsaved.leave")}</Button>
          <Button onClick={stay} data-autofocus>{t("unsaved.stay")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

type ButtonsProps = { close: () => void; cancelWord?: string; label: string; onClick?: () => void; disabled?: boolean; danger?: boolean; submit?: boolean; loading?: boolean };

/** Cancel and do; cancelling is leaving on purpose. */
export function Buttons({ close, cancelWord, label, onClick, disabled, danger, submit, loading }: ButtonsProps) {
  const { t } = useTranslation();
  const mark = useContext(Mark);
  const cancel = () => {
    mark(false);
    close();
  };
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={cancel} data-autofocus={danger || undefined}>{cancelWord ?? t("word.cancel")}</Button>
      <Button type={submit ? "submit" : "button"} onClick={onClick} disabled={disabled} loading={loading} color={danger ? "red.8" : undefined} data-autofocus={submit || danger ? undefined : true}>{label}</Button>
    </Group>
  );
}

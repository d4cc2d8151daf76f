import { Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Buttons } from "~/screens/station/dialogs";
import { FormProblem } from "./Form";

/** What cannot be undone is confirmed with its consequences. */
export function Confirm({ title, help, label, run, close }: { title: string; help: string; label: string; run: () => Promise<unknown>; close: () => void }) {
  const { t } = useTranslation();
  const doing = useMutation({ mutationFn: run, onSuccess: close });
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": t("word.close") }}>
      <Stack>
        <Text>{help}</Text>
        <FormProblem error={doing.error} />
        <Buttons close={close} label={label} danger onClick={() => doing.mutate()} loading={doing.isPending} />
      </Stack>
    </Modal>
  );
}

import { Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Buttons, FormProblem, Popup } from "./Form";

/** What cannot be undone is confirmed with its consequences. */
export function Confirm({ title, help, label, run, close }: { title: string; help: string; label: string; run: () => Promise<unknown>; close: () => void }) {
  const doing = useMutation({ mutationFn: run, onSuccess: close });
  return (
    <Popup title={title} close={close}>
      <Stack>
        <Text>{help}</Text>
        <FormProblem error={doing.error} />
        <Buttons close={close} label={label} danger onClick={() => doing.mutate()} loading={doing.isPending} />
      </Stack>
    </Popup>
  );
}

import { Button, Tooltip, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Can } from "~/lib/can";

type Props = { can: Can; onClick?: () => void; children: ReactNode; label?: string; submit?: boolean } & Pick<
  ButtonProps, "variant" | "color" | "leftSection" | "size" | "loading"
>;

/** A button that says why it cannot be pressed; it stays reachable by keyboard so that the reason can be read. */
export function ActionButton({ can, onClick, children, label, submit = false, ...look }: Props) {
  const { t } = useTranslation();
  const reason = can.ok ? undefined : t(`reason.${can.reason}`);
  return (
    <Tooltip label={reason} disabled={can.ok}>
      <Button
        {...look}
        aria-label={label}
        data-disabled={can.ok ? undefined : true}
        aria-disabled={!can.ok}
        aria-description={reason}
        type={submit ? "submit" : "button"}
        onClick={(event) => (can.ok ? onClick?.() : event.preventDefault())}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

import { Kbd, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Palette.module.css";

const KEYS = [["find", ["Ctrl K", "/"]], ["rows", ["j", "k"]], ["pick", ["x"]], ["open", ["Enter"]], ["save", ["Ctrl Enter"]], ["close", ["Esc"]], ["help", ["?"]]] as const;

/** What can be done by keyboard alone. */
export function Keyboard({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={close} title={t("keys.title")} size="sm" closeButtonProps={{ "aria-label": t("word.close") }}>
      <dl className={classes.keys}>
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{t(`keys.${what}`)}</dt>
            <dd>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

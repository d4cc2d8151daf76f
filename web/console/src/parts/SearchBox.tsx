import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

const PAUSE_MS = 250;
type Props = Omit<TextInputProps, "value" | "onChange"> & { value: string | undefined; search: (text: string | undefined) => void };

/** A search that is told when the writer pauses. What it says follows the address, unless the writer is ahead of it. */
export function SearchBox({ value = "", search, ...look }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = (next: string) => {
    told.current = next;
    search(next || undefined);
  };
  const soon = useDebouncedCallback(tell, PAUSE_MS);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  return (
    <TextInput
      {...look} leftSection={<IconSearch size={16} aria-hidden />} value={text}
      onChange={(event) => { setText(event.currentTarget.value); soon(event.currentTarget.value); }}
      rightSection={text && <CloseButton size="sm" aria-label={t("word.clear_search")} onClick={() => { setText(""); tell(""); }} />}
    />
  );
}

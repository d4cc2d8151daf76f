/** A form from a JSON schema, as far as OCPP needs it: objects, arrays, enumerations, numbers, text, references. */
import { ActionIcon, Button, Fieldset, NativeSelect, NumberInput, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export type Schema = {
  $ref?: string; $defs?: Record<string, Schema>; type?: string; properties?: Record<string, Schema>; required?: string[];
  items?: Schema; enum?: string[]; anyOf?: Schema[]; format?: string; maxLength?: number; minimum?: number; maximum?: number;
  multipleOf?: number; description?: string; title?: string;
};
type Part = { root: Schema; schema: Schema; value: unknown; onChange: (value: unknown) => void };

export function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  const found = name ? root.$defs?.[name] : undefined;
  if (found) return found;
  return schema.anyOf?.find((one) => one.type !== "null") ?? schema;
}

/** What a form begins with: required parts, empty. */
export function firstValue(root: Schema, schema: Schema): unknown {
  const it = resolve(root, schema);
  if (it.enum) return it.enum[0];
  if (it.type === "object") return Object.fromEntries((it.required ?? []).map((name) => [name, firstValue(root, it.properties?.[name] ?? {})]));
  if (it.type === "array") return [firstValue(root, it.items ?? {})];
  if (it.type === "integer" || it.type === "number") return 0;
  if (it.type === "boolean") return false;
  return it.format === "date-time" ? new Date().toISOString() : "";
}

/** The value without what was left empty. */
export function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== "" && part !== undefined).map(([name, part]) => [name, without(part)]));
}

export function SchemaForm({ root, schema, value, onChange }: Part) {
  const it = resolve(root, schema);
  const now = (value ?? {}) as Record<string, unknown>;
  return (
    <Stack gap={12}>
      {Object.entries(it.properties ?? {}).map(([name, part]) => (
        <Field key={name} name={name} root={root} schema={part} required={it.required?.includes(name) ?? false} value={now[name]} onChange={(next) => onChange({ ...now, [name]: next })} />
      ))}
    </Stack>
  );
}

function Field({ name, required, root, schema, value, onChange }: Part & { name: string; required: boolean }) {
  const { t } = useTranslation();
  const it = resolve(root, schema);
  const label = required ? name : `${name} (${t("word.optional")})`;
  if (it.type === "object") return <ObjectField {...{ root, schema: it, value, onChange, required }} name={label} />;
  if (it.type === "array") return <ArrayField {...{ root, schema: it, value, onChange }} name={label} />;
  if (it.enum) return <NativeSelect label={label} value={(value as string | undefined) ?? ""} onChange={(event) => onChange(event.currentTarget.value || undefined)} data={required ? it.enum : ["", ...it.enum]} maw={360} />;
  if (it.type === "integer" || it.type === "number") {
    return <NumberInput label={label} value={(value as number | undefined) ?? ""} onChange={(next) => onChange(next === "" ? undefined : Number(next))} allowDecimal={it.type === "number"} decimalScale={it.type === "number" ? 1 : 0} min={it.minimum} max={it.maximum} maw={240} />;
  }
  return <TextInput label={label} value={(value as string | undefined) ?? ""} maxLength={it.maxLength} placeholder={it.format === "date-time" ? new Date().toISOString() : undefined} onChange={(event) => onChange(event.currentTarget.value || (required ? "" : undefined))} maw={480} />;
}

function ObjectField({ name, required, ...part }: Part & { name: string; required: boolean }) {
  const { t } = useTranslation();
  const empty = part.value === undefined;
  if (empty && !required) {
    return <div><Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => part.onChange(firstValue(part.root, part.schema))}>{t("maintenance.add_item")}: {name}</Button></div>;
  }
  return (
    <Fieldset legend={name}>
      <SchemaForm {...part} />
      {!required && <Button mt={12} variant="subtle" size="xs" color="gray" leftSection={<IconTrash size={14} />} onClick={() => part.onChange(undefined)}>{t("maintenance.remove_item")}</Button>}
    </Fieldset>
  );
}

function ArrayField({ name, root, schema, value, onChange }: Part & { name: string }) {
  const { t } = useTranslation();
  const items = (value ?? []) as unknown[];
  const set = (index: number, next: unknown) => onChange(items.map((old, place) => (place === index ? next : old)));
  const drop = (index: number) => onChange(items.length > 1 ? items.filter((_, place) => place !== index) : undefined);
  return (
    <Fieldset legend={name}>
      <Stack gap={12}>
        {items.map((item, index) => (
          <div key={index} style={{ display: "flex", gap: 8, alignItems: "flex-end" }}>
            <div style={{ flex: 1 }}><Field name={String(index + 1)} required root={root} schema={schema.items ?? {}} value={item} onChange={(next) => set(index, next)} /></div>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${t("maintenance.remove_item")} ${index + 1}`} onClick={() => drop(index)}><IconTrash size={16} /></ActionIcon>
          </div>
        ))}
        <div><Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => onChange([...items, firstValue(root, schema.items ?? {})])}>{t("maintenance.add_item")}</Button></div>
      </Stack>
    </Fieldset>
  );
}

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { router } from "~/app/router";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap } from "~/lib/api/client";
import { meQuery } from "~/lib/queries";
import { fieldError, Form } from "~/parts/Form";
import { Stage } from "../sign_in/Stage";
import classes from "../sign_in/SignIn.module.css";

/** The first administrator and organisation, through the link that works once; then the first location and station. */
export function Setup() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [address] = useAddress();
  const token = asText(address.token);
  const [values, set] = useState({ organisation_name: "", name: "", email: "", password: "" });
  useEffect(() => {
    document.title = `${t("setup.title")}`;
  }, [t]);
  const create = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/setup", { body: { ...values, token: token ?? "", organisation_name: values.organisation_name || null } })),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me);
      void router.navigate({ to: "/start", search: { step: "location" } as never });
    },
  });
  const field = (name: keyof typeof values) => ({
    value: values[name], required: true, withAsterisk: false, size: "md" as const, error: fieldError(create.error, name),
    onChange: (event: { currentTarget: { value: string } }) => { const { value } = event.currentTarget; set((before) => ({ ...before, [name]: value })); },
  });
  return (
    <Stage title={t("setup.title")} said={<>{t("setup.step", { step: 1, steps: 3 })} · {t("setup.who")}. {t("setup.who_help")}</>}>
      <Form className={classes.form} submit={() => create.mutate()} error={create.error}>
        {!token && <p className={classes.error} role="alert">{t("setup.no_token")}</p>}
        <TextInput label={t("setup.organisation")} description={t("setup.organisation_help")} autoComplete="organization" {...field("organisation_name")} autoFocus />
        <TextInput label={t("setup.your_name")} autoComplete="name" {...field("name")} />
        <TextInput label={t("sign_in.email")} type="email" autoComplete="username" {...field("email")} />
        <PasswordInput label={t("sign_in.password")} description={t("setup.password_help")} autoComplete="new-password" {...field("password")} visibilityToggleButtonProps={{ "aria-label": t("sign_in.show") }} />
        <Button type="submit" size="md" fullWidth loading={create.isPending} disabled={!token}>{t("setup.create")}</Button>
      </Form>
    </Stage>
  );
}

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, asProblem, unwrap } from "~/lib/api/client";
import { asText, useAddress } from "~/lib/address";
import { duration } from "~/lib/format";
import { meQuery, setupQuery } from "~/lib/queries";
import { router } from "~/app/router";
import { Stage } from "./Stage";
import classes from "./SignIn.module.css";

export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [address] = useAddress();
  const setup = useQuery(setupQuery).data;
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    document.title = `${t("sign_in.submit")} · Bluesky`;
  }, [t]);
  const signIn = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/sign-in", { body: { email, password } })),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me);
      const to = asText(address.to);
      router.history.push(to?.startsWith("/") && !to.startsWith("//") ? to : "/");
    },
    onError: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Stage title={t("sign_in.title")} said={t("sign_in.about")}>
      <form className={classes.form} onSubmit={submit}>
        {setup?.needed && <p className={classes.note}>{t("sign_in.setup_needed")}</p>}
        {signIn.error && <p className={classes.error} role="alert">{words(t, signIn.error)}</p>}
        <TextInput label={t("sign_in.email")} type="email" autoComplete="username" required withAsterisk={false} autoFocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} size="md" />
        <PasswordInput
          label={t("sign_in.password")} autoComplete="current-password" required withAsterisk={false} value={password} size="md"
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("sign_in.show") }}
        />
        <Button type="submit" size="md" loading={signIn.isPending} fullWidth mt={8}>{t("sign_in.submit")}</Button>
      </form>
    </Stage>
  );
}

function words(t: ReturnType<typeof useTranslation>["t"], error: unknown): string {
  const problem = asProblem(error);
  if (problem.code === "unreachable") return t("problem.unreachable");
  if (problem.status === 429) return t("sign_in.patience", { time: duration(Number(problem.facts.retry_after ?? 60) * 1000) });
  if (problem.status === 401 || problem.status === 403) return t("sign_in.wrong");
  return problem.detail;
}

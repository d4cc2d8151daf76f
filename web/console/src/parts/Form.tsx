import { useTranslation } from "react-i18next";
import { asProblem, ProblemError } from "~/lib/api/client";
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

import type { ReactNode } from "react";
import { LanguageMenu, ThemeMenu } from "~/app/TopBar";
import classes from "./SignIn.module.css";

/** The calm stage of the pages before somebody is signed in. */
export function Stage({ title, said, wide, children }: { title: string; said?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes.stage}>
      <header className={classes.top}>
        <LanguageMenu />
        <ThemeMenu />
      </header>
      <main className={classes.middle}>
        <div className={`${classes.box} ${wide ? classes.wide : ""}`}>
          <div className={classes.head}>
            <img src="/mark.svg" width={44} height={44} alt="" />
            <h1>{title}</h1>
            {said && <p>{said}</p>}
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}

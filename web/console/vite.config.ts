import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.CSMS_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": here("./src") } },
  build: {
    outDir: here("../../src/csms/api/console_dist"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content policy allows no data: scripts or styles
    chunkSizeWarningLimit: 800,
    // What the first page needs comes in two files, not in one for each set of screens that shares something of it.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "libraries", test: /[\\/]node_modules[\\/]/, tags: ["$initial"] },
            { name: "start", tags: ["$initial"] },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": server, "/health": server, "/docs": server, "/static": server } },
});

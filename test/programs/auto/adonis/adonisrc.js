export default {
  providers: [() => import("@adonisjs/core/providers/app_provider")],
  preloads: [() => import("./start/routes.js")],
};

export default defineEventHandler(async () => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  return "hello, at last";
});

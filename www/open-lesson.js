// Starts the lesson's program in the page's window, and promises what shows it.
const { content } = document.querySelector("meta[name=lesson]");
window.concordLesson = import(new URL(content, document.baseURI)).then(async (lesson) => {
  await lesson.default();
  return { show: window.concordShowLesson };
});

/** How a process does what the bench says, until the bench is gone. */
export function answerQuestions<Question, Answer>(answerTo: (question: Question) => Promise<Answer>): void {
  process.on('message', async (question: Question) => {
    process.send?.(await answerTo(question));
  });
  process.once('disconnect', () => process.exit());
}

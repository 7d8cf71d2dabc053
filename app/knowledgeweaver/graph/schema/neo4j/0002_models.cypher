// What models answered, and what was spent on them: beside the graph, shared by all tasks.
CREATE CONSTRAINT model_answer_key IF NOT EXISTS FOR (n:ModelAnswer) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT model_spending_day IF NOT EXISTS FOR (n:ModelSpending) REQUIRE n.day IS UNIQUE;

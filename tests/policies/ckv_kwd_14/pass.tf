resource "aws_ecs_task_definition" "pass" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
    environment = [
      { name = "NEO4J_SECRET_ARN", value = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:kw/neo4j-AbCdEf" },
      { name = "LANGFUSE_PUBLIC_KEY", value = "pk-lf-1" },
      { name = "DATABASE", value = "postgresql://db.internal/phoenix" },
    ]
    secrets = [{ name = "NEO4J_PASSWORD", valueFrom = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:kw/neo4j-AbCdEf:password::" }]
  }])
}

resource "aws_lambda_function" "pass" {
  function_name = "rotate"
  role          = "arn:aws:iam::123456789012:role/r"
  package_type  = "Image"
  image_uri     = "kw:1.2.3"

  environment {
    variables = { SECRET = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:kw/neo4j-AbCdEf" }
  }
}

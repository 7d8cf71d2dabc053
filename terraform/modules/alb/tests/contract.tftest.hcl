# What callers rely on: HTTPS with a redirect, or plain HTTP only when asked for.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  # The provider looks at ARNs before it hands them on, mocked or not.
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/knowledgeweaver-test/0123456789abcdef" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/knowledgeweaver-test-tg/0123456789abcdef" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:listener/app/knowledgeweaver-test/0123456789abcdef/0123456789abcdef" }
  }
}

variables {
  name       = "knowledgeweaver-test"
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
}

run "https" {
  command = plan

  variables {
    tls = { certificate_arn = "arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" }
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect"
    error_message = "Plain HTTP only redirects."
  }

  assert {
    condition     = aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "TLS 1.2 is the oldest."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.clients : rule.from_port]) == toset([80, 443])
    error_message = "Clients reach ports 80 and 443 and no others."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection
    error_message = "Safe by default."
  }
}

run "plain_http" {
  command = plan

  variables {
    tls                 = { allow_plain_http = true }
    deletion_protection = false
    target              = { deregistration_seconds = 5 }
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "forward" && length(aws_lb_listener.https) == 0
    error_message = "Without a certificate port 80 serves."
  }

  assert {
    condition     = aws_lb_target_group.service.target_type == "ip" && aws_lb_target_group.service.health_check[0].path == "/health/ready" && aws_lb_target_group.service.deregistration_delay == "5"
    error_message = "Fargate tasks are targets by address, judged by their readiness."
  }
}

run "no_logs_unless_asked_for" {
  command = plan

  variables {
    tls = { allow_plain_http = true }
  }

  assert {
    condition     = length(aws_s3_bucket.logs) == 0 && length(aws_lb.this.access_logs) == 0
    error_message = "Without access_logs there is no bucket."
  }
}

run "access_logs" {
  command = plan

  variables {
    tls         = { allow_plain_http = true }
    access_logs = { bucket = "knowledgeweaver-test-alb-logs", days = 30 }
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_s3_bucket_lifecycle_configuration.logs["this"].rule[0].expiration[0].days == 30
    error_message = "Requests are logged and kept for the days asked for."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_s3_bucket_policy.logs["this"].policy).Statement : statement.Sid => statement.Principal
    } == { Delivery = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }, TlsOnly = "*" }
    error_message = "Load balancers of this account deliver, and nobody else may."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.logs["this"].policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/knowledgeweaver-test/*"
    error_message = "Only this load balancer delivers."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.logs["this"].restrict_public_buckets && !aws_s3_bucket.logs["this"].force_destroy
    error_message = "Logs are private and not thrown away by accident."
  }
}

run "further_services" {
  command = apply

  variables {
    tls = { certificate_arn = "arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" }
  }

  assert {
    condition     = output.listener_arn == aws_lb_listener.https[0].arn
    error_message = "With a certificate path rules belong to the HTTPS listener, not to the one that redirects."
  }
}

run "where_clients_go" {
  command = plan

  variables {
    tls = {
      certificate_arn = "arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
      domain          = "answers.example.com"
    }
  }

  assert {
    condition     = output.url == "https://answers.example.com"
    error_message = "Clients go to the name that the certificate is for."
  }
}

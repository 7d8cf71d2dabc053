# What callers rely on: HTTPS with a redirect, or plain HTTP only when asked for.
mock_provider "aws" {}

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

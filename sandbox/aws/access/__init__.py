"""Who calls, and may they: authentication and IAM policy evaluation for the sandbox's AWS.

moto brings an enforcement of its own (``INITIAL_NO_AUTH_ACTION_COUNT``), which is not used here: it
ignores Resource and most Condition elements, knows no permission boundary and no resource policy,
is switched on for a whole process by counting requests, and then breaks the unsigned
AssumeRoleWithWebIdentity. Evaluation follows "Policy evaluation logic" in the IAM User Guide:
"By default, all requests are implicitly denied … an explicit allow overrides this default … an
explicit deny in any policy overrides any allows."

:mod:`policy` and :mod:`conditions` decide without I/O; :mod:`actions` translates a call into the
actions, resources and condition keys IAM knows; :mod:`principals` and :mod:`sessions` read moto's
IAM and STS state; :mod:`authorize` puts them together; :mod:`web_identity` is the door for OIDC.
"""

"""Accounts, roles, registration and sign-in over JSON."""

from core.api.identity import accounts, contacts, registration, roles, sign_in

ROUTERS = [accounts.router, contacts.router, registration.router, roles.router, sign_in.router]

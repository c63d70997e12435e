"""The three people every test knows: an owner who sees all, a colleague with one customer, a stranger with none."""

from fleet.accounts.models import User
from fleet.models import Customer, Membership


def an_owner(username: str = "jana") -> User:
    """Staff of the managed service provider: sees every customer."""
    return User.objects.create_user(username, first_name="Jana", last_name="Köhler", is_staff=True)


def a_colleague(*customers: Customer, username: str = "colin", role: str = Membership.Role.OPERATOR) -> User:
    """Not staff; looks after the given customers only."""
    person = User.objects.create_user(username)
    for customer in customers:
        Membership.objects.create(user=person, customer=customer, role=role)
    return person


def a_stranger(username: str = "stranger") -> User:
    """Signed in, and a member of nothing."""
    return User.objects.create_user(username)

from blazepose.runtimes.lending import Call, Lending


def test_a_few_calls_between_pictures_that_begin_borrow_for_good() -> None:
    lending = Lending()
    lending.prepare(begin=True, own_is_there=False)
    for _ in range(50):
        lending.began()
        assert lending.lends
        assert lending.called() == Call(compiles_own=False, is_last=False)


def test_many_in_a_row_get_their_own_while_they_borrow() -> None:
    lending = Lending()
    lending.prepare(begin=True, own_is_there=False)
    calls = []
    while lending.lends:
        calls.append(lending.called())
    assert [i for i, call in enumerate(calls, 1) if call.compiles_own] == [8]
    assert len(calls) == 24
    assert not any(call.is_last for call in calls)  # pictures may begin again


def test_where_calls_come_alone_what_was_lent_is_let_go() -> None:
    lending = Lending()
    lending.prepare(begin=True, own_is_there=False)
    lending.prepare(begin=False, own_is_there=False)
    calls = []
    while lending.lends:
        calls.append(lending.called())
    assert [i for i, call in enumerate(calls, 1) if call.compiles_own] == [2]
    assert [i for i, call in enumerate(calls, 1) if call.is_last] == [24]


def test_who_never_begins_or_has_their_own_does_not_borrow() -> None:
    lending = Lending()
    assert not lending.lends
    lending.prepare(begin=False, own_is_there=False)
    assert not lending.lends
    lending.prepare(begin=True, own_is_there=True)
    assert not lending.lends

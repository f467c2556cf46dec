-- recount_bill.sql - what the city and the other payers owe for each closed month, recounted from the list of
-- events alone: plain SQL, no code of billing. Run by recount_bill.c, which fills
--
--   event(at, kind, member, newcomer, day_month, payer_month, segment, class, wage, kecamatan, status,
--         disputed)                            accepted events about members, `at`: offset in the journal
--   tariff(tariff, segment, class, first_month, last_month, per_mille, floor, cap, payer, share)
--   close(month, at, tariff)                   `at`: as of which offset; `tariff`: in force then
--   state(first_month)
-- Months are numbers that count on. The result is the table `expected`: a row a line of an invoice.
--
-- Rules: include/cakupan/ledger.h; their sources: Perpres 82/2018 art. 16, 27, 32; Perpres 75/2019 art. 32.

-- From which month an event counts, and which of a member's three tracks it changes: terms (segment, class,
-- wage), whether the member owes, and place.
CREATE TEMP TABLE change AS
SELECT at, kind, member, segment, class, wage, kecamatan, newcomer,
    CASE WHEN kind IN ('ENROL', 'ENROL_VULNERABLE', 'BIRTH', 'MOVE_IN', 'SWITCH_SEGMENT', 'REHIRE',
                       'GRACE_ENDED')
         THEN max(payer_month, first_month)
         WHEN kind = 'LAYOFF' AND status <> 'GRACE' THEN max(payer_month, first_month)
         WHEN kind = 'MERGE' THEN first_month
         ELSE max(day_month + 1, first_month) END AS since,
    kind IN ('ENROL', 'ENROL_VULNERABLE', 'BIRTH', 'MOVE_IN', 'SWITCH_SEGMENT', 'REHIRE', 'GRACE_ENDED')
        OR (kind = 'LAYOFF' AND status <> 'GRACE') AS terms,
    kind NOT IN ('MOVE_WITHIN', 'CORRECT_IDENTITY', 'ACTIVATED') AS owing,
    kind IN ('ENROL', 'ENROL_VULNERABLE', 'BIRTH', 'MOVE_IN', 'MOVE_WITHIN') AS place,
    CASE WHEN status = 'GRACE' THEN 'grace' WHEN status IN ('ACTIVE', 'PENDING') THEN 'owes'
         ELSE 'not' END AS state
FROM event, state
WHERE kind NOT IN ('CORRECT_IDENTITY', 'ACTIVATED') AND NOT (kind = 'LAYOFF' AND disputed);
CREATE INDEX temp.change_of ON change(member, at);
CREATE INDEX temp.change_since ON change(member, since);

-- A premium month as a close knew it: which changes count for a member is said by the last of them that was
-- known (`known`) and by the last month until then from which one counts (`month_since`). Few of these pairs
-- differ, so each member's story is told once a pair, not once a close and month.
CREATE TEMP TABLE known AS
SELECT c.month AS closed, c.tariff, e.member,
    (SELECT max(at) FROM change WHERE member = e.member AND at <= c.at) AS known
FROM close c, (SELECT DISTINCT member FROM change) e;

CREATE TEMP TABLE counting AS
SELECT m.month, e.member,
    (SELECT max(since) FROM change WHERE member = e.member AND since <= m.month) AS month_since
FROM close m, (SELECT DISTINCT member FROM change) e;
CREATE INDEX temp.counting_of ON counting(member, month, month_since);

-- The end of months of grace counts only where they are still running: the event before it about whether the
-- member owes is the layoff that began them.
CREATE TEMP TABLE story AS
SELECT p.member, p.known, p.month_since,
    (SELECT at FROM change c WHERE c.member = p.member AND c.terms AND c.since <= p.month_since
        AND c.at <= p.known AND (c.kind <> 'GRACE_ENDED' OR (
            (SELECT b.state FROM change b WHERE b.member = c.member AND b.owing AND b.since <= p.month_since
                AND b.at < c.at AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1) = 'grace'
            AND NOT EXISTS (SELECT 1 FROM change g WHERE g.member = c.member AND g.kind = 'GRACE_ENDED'
                AND g.since <= p.month_since AND g.at < c.at AND g.at > (SELECT b.at FROM change b
                    WHERE b.member = c.member AND b.owing AND b.since <= p.month_since AND b.at < c.at
                    AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1))))
        ORDER BY at DESC LIMIT 1) AS terms_at,
    (SELECT state FROM change c WHERE c.member = p.member AND c.owing AND c.since <= p.month_since
        AND c.at <= p.known AND (c.kind <> 'GRACE_ENDED' OR
            (SELECT b.state FROM change b WHERE b.member = c.member AND b.owing AND b.since <= p.month_since
                AND b.at < c.at AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1) = 'grace')
        ORDER BY at DESC LIMIT 1) AS state,
    (SELECT at FROM change c WHERE c.member = p.member AND c.place AND c.at <= p.known
        AND (c.since <= p.month_since OR c.newcomer) ORDER BY at DESC LIMIT 1) AS place_at
FROM (SELECT DISTINCT k.member, k.known, c.month_since FROM known k JOIN counting c
    ON c.member = k.member AND c.month <= k.closed AND c.month_since NOT NULL) p;

CREATE TEMP TABLE told AS
SELECT s.member, s.known, s.month_since, terms.segment, terms.class, terms.wage,
    coalesce(place.kecamatan, 0) AS kecamatan
FROM story s JOIN change terms ON terms.member = s.member AND terms.at = s.terms_at
LEFT JOIN change place ON place.member = s.member AND place.at = s.place_at
WHERE s.state = 'owes';
CREATE INDEX temp.told_of ON told(member, known, month_since, segment, class, wage, kecamatan);

-- How many owe on which terms for each month, as known at each close.
CREATE TEMP TABLE owing AS
SELECT k.closed, c.month, k.tariff, t.segment, t.class, t.wage, t.kecamatan, count(*) AS people
FROM known k JOIN counting c ON c.member = k.member AND c.month <= k.closed
JOIN told t ON t.member = k.member AND t.known = k.known AND t.month_since = c.month_since
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- What they owe together, by payer. A share of a wage: bounded by floor and cap, rounded half up to a rupiah;
-- without a wage of one's own nothing.
CREATE TEMP TABLE owed AS
SELECT o.closed, o.month, t.payer, o.segment, o.class, o.kecamatan, o.people,
    o.people * CASE WHEN t.per_mille THEN (min(max(o.wage, t.floor), t.cap) * t.share + 500) / 1000
        ELSE t.share END AS amount
FROM owing o
JOIN tariff t ON t.tariff = o.tariff AND t.segment = o.segment AND t.class IN (0, o.class)
    AND t.first_month <= o.month AND o.month <= t.last_month
WHERE t.share > 0 AND (NOT t.per_mille OR o.wage > 0);

-- An invoice: the month itself, and for each month before what is owed as known now less what was owed as
-- known at the close before.
CREATE TEMP TABLE expected AS
SELECT month, payer, segment, class, kecamatan, sum(people) AS people, sum(amount) AS amount_rupiah,
    sum(correction) AS corrections_rupiah
FROM (
    SELECT closed AS month, payer, segment, class, kecamatan, people, amount, 0 AS correction FROM owed
        WHERE month = closed
    UNION ALL
    SELECT closed, payer, segment, class, kecamatan, 0, 0, amount FROM owed WHERE month < closed
    UNION ALL
    SELECT closed + 1, payer, segment, class, kecamatan, 0, 0, -amount FROM owed
        WHERE closed < (SELECT max(month) FROM close)
)
GROUP BY 1, 2, 3, 4, 5
HAVING people <> 0 OR amount_rupiah <> 0 OR corrections_rupiah <> 0;

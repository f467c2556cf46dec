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

CREATE TEMP TABLE premium_month AS
SELECT c.month AS closed, c.at, c.tariff, m.month FROM close c, close m WHERE m.month <= c.month;

-- The end of months of grace counts only where they are still running: the event before it about whether the
-- member owes is the layoff that began them.
CREATE TEMP TABLE said AS
SELECT p.closed, p.month, e.member, p.tariff,
    (SELECT at FROM change c WHERE c.member = e.member AND c.terms AND c.since <= p.month AND c.at <= p.at
        AND (c.kind <> 'GRACE_ENDED' OR (
            (SELECT b.state FROM change b WHERE b.member = c.member AND b.owing AND b.since <= p.month
                AND b.at < c.at AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1) = 'grace'
            AND NOT EXISTS (SELECT 1 FROM change g WHERE g.member = c.member AND g.kind = 'GRACE_ENDED'
                AND g.since <= p.month AND g.at < c.at AND g.at > (SELECT b.at FROM change b
                    WHERE b.member = c.member AND b.owing AND b.since <= p.month AND b.at < c.at
                    AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1))))
        ORDER BY at DESC LIMIT 1) AS terms_at,
    (SELECT state FROM change c WHERE c.member = e.member AND c.owing AND c.since <= p.month AND c.at <= p.at
        AND (c.kind <> 'GRACE_ENDED' OR
            (SELECT b.state FROM change b WHERE b.member = c.member AND b.owing AND b.since <= p.month
                AND b.at < c.at AND b.kind <> 'GRACE_ENDED' ORDER BY b.at DESC LIMIT 1) = 'grace')
        ORDER BY at DESC LIMIT 1) AS state,
    (SELECT at FROM change c WHERE c.member = e.member AND c.place AND c.at <= p.at
        AND (c.since <= p.month OR c.newcomer) ORDER BY at DESC LIMIT 1) AS place_at
FROM premium_month p, (SELECT DISTINCT member FROM change) e;

-- What each member owes for each month, as known at each close, by payer. A share of a wage: bounded by floor
-- and cap, rounded half up to a rupiah; without a wage of one's own nothing.
CREATE TEMP TABLE owed AS
SELECT s.closed, s.month, s.member, t.payer, terms.segment, terms.class,
    coalesce(place.kecamatan, 0) AS kecamatan,
    CASE WHEN t.per_mille THEN (min(max(terms.wage, t.floor), t.cap) * t.share + 500) / 1000
         ELSE t.share END AS amount
FROM said s
JOIN change terms ON terms.member = s.member AND terms.at = s.terms_at
LEFT JOIN change place ON place.member = s.member AND place.at = s.place_at
JOIN tariff t ON t.tariff = s.tariff AND t.segment = terms.segment AND t.class IN (0, terms.class)
    AND t.first_month <= s.month AND s.month <= t.last_month
WHERE s.state = 'owes' AND t.share > 0 AND (NOT t.per_mille OR terms.wage > 0);

-- An invoice: the month itself, and for each month before what is owed as known now less what was owed as
-- known at the close before.
CREATE TEMP TABLE expected AS
SELECT month, payer, segment, class, kecamatan, sum(people) AS people, sum(amount) AS amount_rupiah,
    sum(correction) AS corrections_rupiah
FROM (
    SELECT closed AS month, payer, segment, class, kecamatan, 1 AS people, amount, 0 AS correction FROM owed
        WHERE month = closed
    UNION ALL
    SELECT closed, payer, segment, class, kecamatan, 0, 0, amount FROM owed WHERE month < closed
    UNION ALL
    SELECT closed + 1, payer, segment, class, kecamatan, 0, 0, -amount FROM owed
        WHERE closed < (SELECT max(month) FROM close)
)
GROUP BY 1, 2, 3, 4, 5
HAVING people <> 0 OR amount_rupiah <> 0 OR corrections_rupiah <> 0;

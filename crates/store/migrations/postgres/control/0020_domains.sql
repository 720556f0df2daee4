-- What cannot be told from an address whose domain is written in A-labels is worked out anew: it is what people read. Domains of
-- companies are brought into one form beside this step.
UPDATE accounts SET skeleton = NULL WHERE email LIKE '%xn--%';

"""
What people agree to, by purpose and version, and that they did.

Texts are rules: proposed by one of the staff, approved by another, kept as they were. The first version of each is in
force at once, and told to whoever keeps a copy. What people say of texts is added, never changed.
"""

from alembic import op
from subgraphs.shared.parameters.tables import know_tables, record_also

revision = "accounts_0014"
down_revision = "accounts_0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE consent_texts (
        purpose           text NOT NULL,
        version           bigint NOT NULL,
        valid_from        date NOT NULL,
        title             text NOT NULL,
        sentences         text NOT NULL,
        title_english     text NOT NULL,
        sentences_english text NOT NULL,
        earlier_good_days bigint NOT NULL,
        CONSTRAINT pk_consent_texts PRIMARY KEY (purpose, version),
        CONSTRAINT uq_consent_texts_purpose_valid_from UNIQUE (purpose, valid_from),
        CONSTRAINT ck_consent_texts_earlier_good_days CHECK (earlier_good_days BETWEEN 0 AND 3650),
        CONSTRAINT ck_consent_texts_says_something
            CHECK ('' NOT IN (title, sentences, title_english, sentences_english))
    )
    """,
    """
    CREATE FUNCTION consent_text_follows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        newest consent_texts;
    BEGIN
        SELECT * INTO newest FROM consent_texts WHERE purpose = NEW.purpose ORDER BY version DESC LIMIT 1;
        IF NEW.version <> coalesce(newest.version, 0) + 1 OR NEW.valid_from <= newest.valid_from THEN
            RAISE EXCEPTION 'the next text of % is version %, from a day after %',
                NEW.purpose, coalesce(newest.version, 0) + 1, newest.valid_from USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER consent_text_follows BEFORE INSERT ON consent_texts
    FOR EACH ROW EXECUTE FUNCTION consent_text_follows()
    """,
    """
    CREATE TABLE consents (
        id          uuid NOT NULL,
        user_id     uuid NOT NULL,
        purpose     text NOT NULL,
        place       bigint NOT NULL,
        act         text NOT NULL,
        version     bigint NOT NULL,
        text_sha256 text NOT NULL,
        at          timestamptz NOT NULL,
        actor_id    uuid NOT NULL,
        session_id  uuid,
        CONSTRAINT pk_consents PRIMARY KEY (id),
        CONSTRAINT uq_consents_user_id_purpose_place UNIQUE (user_id, purpose, place),
        CONSTRAINT fk_consents_user_id FOREIGN KEY (user_id) REFERENCES users (id),
        CONSTRAINT fk_consents_purpose FOREIGN KEY (purpose, version) REFERENCES consent_texts (purpose, version),
        CONSTRAINT ck_consents_act_known CHECK (act IN ('GIVEN', 'WITHDRAWN')),
        CONSTRAINT ck_consents_text_sha256_form CHECK (text_sha256 ~ '^[0-9a-f]{64}$')
    )
    """,
    "CREATE INDEX ix_consents_user_id ON consents (user_id, at, id)",
    "CREATE INDEX ix_consents_purpose ON consents (purpose, version)",
    """
    CREATE FUNCTION consent_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        last consents;
    BEGIN
        SELECT * INTO last FROM consents
        WHERE user_id = NEW.user_id AND purpose = NEW.purpose ORDER BY place DESC LIMIT 1;
        IF NEW.place <> coalesce(last.place, 0) + 1 OR NOT coalesce(CASE NEW.act
            WHEN 'GIVEN' THEN last.act IS DISTINCT FROM 'GIVEN' OR NEW.version > last.version
            ELSE last.act = 'GIVEN' AND NEW.version = last.version END, false) THEN
            RAISE EXCEPTION 'a consent is given to a version once, and withdrawn once after that'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER consent_follows BEFORE INSERT ON consents FOR EACH ROW EXECUTE FUNCTION consent_follows()",
    """
    CREATE FUNCTION consents_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what people said of a text is never changed or deleted' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER consents_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION consents_only_grow()
    """,
    """
    CREATE TABLE consent_notices (
        user_id uuid NOT NULL,
        purpose text NOT NULL,
        version bigint NOT NULL,
        told_at timestamptz NOT NULL,
        CONSTRAINT pk_consent_notices PRIMARY KEY (user_id, purpose, version),
        CONSTRAINT fk_consent_notices_user_id FOREIGN KEY (user_id) REFERENCES users (id),
        CONSTRAINT fk_consent_notices_purpose
            FOREIGN KEY (purpose, version) REFERENCES consent_texts (purpose, version)
    )
    """,
)

FIRST_TEXTS = """
    INSERT INTO consent_texts
        (purpose, version, valid_from, title, sentences, title_english, sentences_english, earlier_good_days) VALUES
    ('TERMS_OF_USE', 1, '2020-01-01', 'Termos de uso',
     'A Peerseed aproxima produtores rurais e investidores: o produtor emite uma Cédula de Produto Rural (CPR) e os '
     'investidores a financiam em cotas. '
     'Quem paga a CPR é o produtor; a Peerseed não garante o pagamento. '
     'Os dados do cadastro precisam ser verdadeiros e estar em dia, e a senha é só sua. '
     'As tarifas de cada operação são mostradas antes que você a confirme. '
     'Podemos suspender uma conta diante de indício de fraude, de uso por terceiros ou de exigência legal. '
     'Você pode encerrar a conta quando não houver CPR, investimento, saque ou saldo em aberto.',
     'Terms of use',
     'Peerseed brings farmers and investors together: the farmer issues a Cédula de Produto Rural (CPR), and investors '
     'fund it in quotas. '
     'It is the farmer who pays the CPR; Peerseed does not guarantee that it is paid. '
     'What you register has to be true and kept up to date, and the password is yours alone. '
     'What an operation costs is shown before you confirm it. '
     'We may suspend an account on signs of fraud, of use by others, or where the law asks for it. '
     'You may close the account when no CPR, investment, withdrawal or balance is open.', 0),
    ('PRIVACY_POLICY', 1, '2020-01-01', 'Política de privacidade',
     'Tratamos os dados do seu cadastro, dos seus documentos e das suas operações para abrir e manter a conta, '
     'analisar crédito, executar contratos e cumprir a lei. '
     'Outras pessoas da plataforma veem só o seu nome de exibição; investidores veem os dados da lavoura, sem o seu '
     'contato. '
     'Compartilhamos o necessário com registradoras, instituições de pagamento, certificadoras e autoridades. '
     'Você pode ver, corrigir e baixar os seus dados no aplicativo, e encerrar a conta. '
     'Encerrada a conta, apagamos o que nenhuma lei manda guardar e dizemos o que fica, por quê e até quando.',
     'Privacy policy',
     'We use what you register, your documents and your operations to open and keep the account, to analyse credit, to '
     'carry out contracts and to obey the law. '
     'Others on the platform see your display name alone; investors see the farm''s data without how to reach you. '
     'We share what is needed with registries, payment institutions, certifiers and authorities. '
     'You may see, correct and download your data in the app, and close the account. '
     'Then we erase what no law wants kept, and say what stays, why and until when.', 0),
    ('CREDIT_BUREAU', 1, '2020-01-01', 'Autorização de consulta ao SCR e aos birôs de crédito',
     'Autorizo a Peerseed a consultar, para analisar os meus pedidos de crédito, as minhas operações no Sistema de '
     'Informações de Créditos (SCR) do Banco Central e os meus dados em birôs de crédito. '
     'A consulta é feita a cada pedido e quando chegam novos documentos a um pedido em análise. '
     'Posso retirar esta autorização a qualquer momento: sem ela não faço novos pedidos de crédito.',
     'Authorisation to ask the SCR and credit bureaus',
     'To analyse my credit requests, Peerseed may ask the central bank''s credit information system (SCR) for my '
     'operations and credit bureaus for my data. '
     'They are asked for each request, and when new documents of an undecided one arrive. '
     'I may withdraw this at any time: without it I make no new credit requests.', 0),
    ('INVESTMENT_RISK', 1, '2020-01-01', 'Aviso de risco ao investidor',
     'Investir em CPR tem risco: a safra pode se perder, o produtor pode atrasar ou não pagar, e posso perder parte ou '
     'todo o valor investido. '
     'O investimento não conta com a garantia do Fundo Garantidor de Créditos (FGC). '
     'O dinheiro fica aplicado até o vencimento; vender cotas antes depende de haver comprador, e o preço pode ser '
     'menor que o pago. '
     'A nota de risco e o retorno esperado são estimativas, não promessas.',
     'Risk notice for investors',
     'Investing in a CPR is risky: the harvest may fail, the farmer may pay late or not at all, and I may lose part or '
     'all of what I invest. '
     'No deposit insurance (FGC) covers it. '
     'The money stays invested until it falls due; selling quotas before needs a buyer, and may bring less than they '
     'cost. '
     'Grade and expected return are estimates, not promises.', 0),
    ('MARKETING', 1, '2020-01-01', 'Novidades e ofertas',
     'Quero receber novidades e ofertas da Peerseed por e-mail e por notificação no celular. '
     'Posso mudar de ideia a qualquer momento.',
     'News and offers',
     'I want to be sent news and offers of Peerseed by e-mail and push. '
     'I may change my mind at any time.', 0)
"""

TELL = """
    INSERT INTO outbox (event_id, type, source, subject, occurred_at, data)
    SELECT gen_random_uuid(), 'accounts.consent_text_laid_down.v1', 'accounts', purpose, now(), jsonb_build_object(
        'purpose', purpose, 'version', version, 'valid_from', valid_from, 'earlier_good_until', valid_from)
    FROM consent_texts ORDER BY purpose
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        _run(statement)
    _run(FIRST_TEXTS)
    record_also(op, "consent_texts", tables=("parameters", "consent_texts"))
    _run(TELL)


def downgrade() -> None:
    """Refuses where somebody has agreed to something, or texts have changed. The first texts stay on record."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM consents) OR EXISTS (SELECT FROM consent_texts WHERE version > 1) THEN
                RAISE EXCEPTION 'people have agreed to texts: going back would lose to what'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    _run("DROP TABLE consent_notices, consents, consent_texts")
    for function in ("consents_only_grow", "consent_follows", "consent_text_follows"):
        _run(f"DROP FUNCTION {function}()")
    know_tables(op, ("parameters",))


def _run(statement: str) -> None:
    """As it is written: the driver takes no colon or percent for something else."""
    op.get_bind().exec_driver_sql(statement)

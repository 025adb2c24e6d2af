//! The list of all cases, and the tests made of it.

/// Makes one `#[test]` per case, in one module per aggregate.
///
/// The argument is the path of an `async fn() -> Fixture` that gives a fresh, migrated store at each call. It panics if it
/// cannot: a suite that cannot run must not pass. A store whose data vanish with it, such as one in memory, says so by
/// `forgetting` and is not reopened.
#[macro_export]
macro_rules! conformance_suite {
    ($fresh:path) => {
        $crate::__every_case! { __tests $fresh }
        $crate::__every_transfer_case! { __transfer_tests $fresh }
        $crate::__every_reopening_case! { __reopening_tests $fresh }
    };
    ($fresh:path, forgetting) => {
        $crate::__every_case! { __tests $fresh }
        $crate::__every_transfer_case! { __transfer_tests $fresh }
    };
}

/// Passes the names of all cases to another macro of this crate, after its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __every_case {
    ($then:ident $($argument:tt)*) => {
        $crate::$then! {
            ($($argument)*)
            store {
                a_store_answers_a_ping
                migrating_many_times_at_once_leaves_every_migration_applied
                the_use_of_connections_adds_up
                nothing_of_a_dropped_unit_stays
                a_unit_is_seen_whole_once_it_is_committed
                readers_never_see_half_a_unit
                a_unit_in_which_something_failed_cannot_be_committed
                a_second_row_with_a_taken_key_fails_the_unit
                a_closed_store_is_unavailable
                a_dead_letter_keeps_its_id
                a_held_unit_makes_the_next_wait_for_a_limited_time
                units_that_lock_crosswise_all_end
                readers_see_whole_units_across_aggregates
                a_commit_that_is_dropped_leaves_all_or_nothing
                a_limit_of_none_gives_nothing
                the_times_of_purges_are_cut_to_microseconds
            }
            accounts {
                every_field_of_an_account_comes_back
                every_field_of_an_account_is_updated
                times_of_accounts_are_cut_to_microseconds
                an_insert_with_a_taken_key_conflicts_and_the_unit_goes_on
                an_update_to_a_taken_key_conflicts_and_the_unit_goes_on
                keys_that_an_update_gives_up_are_free_again
                of_many_inserts_of_one_email_one_wins
                of_many_inserts_of_one_username_one_wins
                of_many_inserts_of_one_id_one_wins
                of_many_updates_to_one_email_one_wins
                an_identity_finds_its_account
                a_taken_identity_conflicts_and_the_unit_goes_on
                an_identity_that_is_given_up_is_free_again
                of_many_links_of_one_identity_one_wins
                of_many_inserts_of_one_identity_one_wins
                every_filter_finds_what_a_plain_model_finds
                every_sort_is_that_of_a_plain_model
                filters_sorts_and_windows_go_together
                a_text_is_searched_for_exactly
                a_found_window_has_at_most_a_thousand_accounts
                the_total_does_not_depend_on_the_window
                many_ids_are_found_at_once
                addresses_of_an_earlier_form_are_found_and_can_be_changed
                five_hundred_addresses_are_found_at_once
                no_addresses_find_nobody
                unknown_keys_find_nobody
                pages_run_over_accounts_of_the_same_moment_in_the_order_of_ids
                a_page_says_exactly_whether_there_is_more
                a_page_follows_an_id_that_is_gone
                a_filter_holds_for_pages_and_counts
                a_filter_by_hash_cost_holds_for_pages_and_counts
                a_filter_by_hash_cost_follows_new_passwords
                lists_and_counts_follow_changes
                a_page_has_at_most_a_thousand_rows
                an_empty_store_has_no_accounts
                active_roots_are_exactly_the_active_roots
                two_units_cannot_take_the_last_two_roots_away
                concurrent_changes_to_one_account_are_all_kept
                notes_of_sign_ins_do_what_the_domain_says
                many_failures_to_sign_in_at_once_are_all_counted
                notes_of_sign_ins_and_other_changes_at_once_are_all_kept
                a_note_for_an_account_that_is_gone_changes_nothing
                an_account_goes_with_all_that_is_its_own
                only_a_provisional_account_is_removed_as_such
                of_many_removals_of_a_provisional_account_one_wins
                many_units_can_replace_one_provisional_account
                only_a_provisional_account_gives_its_user_name_up
                a_purge_removes_exactly_the_provisional_accounts_that_waited_too_long
                a_purge_removes_at_most_a_thousand_provisional_accounts
                nothing_is_stored_for_an_account_that_is_gone
                an_account_that_is_gone_is_not_updated
                an_update_clears_each_optional_field_and_replaces_the_rest
                of_two_taken_keys_the_first_is_named
            }
            codes {
                a_try_gives_the_code_of_its_account_and_purpose
                a_code_gives_as_many_tries_as_it_has
                a_spent_code_is_refused
                a_new_code_kills_the_older_one_of_its_purpose
                an_expired_code_is_neither_tried_nor_spent
                of_many_consumes_of_a_code_one_wins
                many_tries_at_once_get_no_more_than_are_left
                tries_whose_clocks_were_read_out_of_order_are_all_counted
                counted_tries_survive_later_units_that_are_dropped
                many_replaces_at_once_leave_one_code
                the_codes_of_one_account_are_removed
                a_purge_removes_exactly_the_expired_codes
                a_purge_removes_at_most_a_thousand_codes
                a_waiting_password_comes_back_with_its_code
            }
            conversations {
                every_field_of_a_message_comes_back
                a_conversation_begins_with_its_first_message
                the_conversations_of_many_accounts_are_found_at_once
                the_messages_of_many_writers_are_numbered_without_a_gap
                a_reader_beside_writers_misses_no_message
                many_first_messages_at_once_are_all_stored
                conversations_are_numbered_each_by_itself
                clocks_and_ids_that_go_backwards_change_no_order
                an_append_that_stores_nothing_leaves_no_gap
                a_clients_id_stores_one_message
                an_append_that_is_repeated_answers_as_the_first
                a_clients_id_is_of_one_side_of_one_conversation
                of_many_appends_with_one_clients_id_one_stores
                many_tries_of_one_append_at_once_store_it_once
                a_cursor_moves_forwards_and_no_further_than_the_last_message
                a_cursor_is_of_one_conversation
                of_many_moves_of_a_cursor_at_once_the_highest_stays
                moves_of_cursors_and_appends_at_once_are_all_kept
                a_range_gives_what_a_plain_model_gives
                the_newest_of_many_conversations_are_those_of_each
                a_range_has_at_most_five_hundred_messages
                a_conversation_goes_with_its_account
                a_conversation_stays_if_the_removal_is_dropped
                a_message_for_an_account_that_is_not_there_is_not_stored
                appends_while_the_account_goes_leave_nothing
                what_removed_accounts_have_left_is_erased_and_nothing_else
                erasures_at_once_erase_each_message_once
                a_walk_at_random_does_what_a_plain_model_does
                messages_that_are_stored_at_once_are_as_if_each_was_alone
                messages_of_one_conversation_at_once_are_stored_in_their_order
                a_message_that_is_refused_takes_no_other_down
                calls_that_meet_store_each_message_once
                calls_that_are_cancelled_leave_nothing_by_halves
                calls_while_an_account_goes_lose_nothing_else
            }
            dossiers {
                every_field_of_a_dossier_comes_back
                times_of_dossiers_are_cut_to_microseconds
                a_dossier_takes_the_place_of_the_earlier_one
                the_dossiers_of_many_accounts_are_found_at_once
                a_taken_phone_conflicts_and_the_unit_goes_on
                a_phone_that_is_given_up_is_free_again
                only_a_provisional_account_gives_its_phone_up
                of_many_replaces_with_one_phone_one_wins
                many_replaces_of_one_dossier_at_once_leave_one_of_them
                a_dossier_replaced_in_a_dropped_unit_is_as_before
                every_part_of_a_review_comes_back
                a_review_takes_the_place_of_the_earlier_one
                verdicts_that_are_given_at_once_are_all_kept
                a_number_that_is_given_up_takes_its_verdict_along
                the_oldest_submission_is_taken_first
                what_a_reviewer_must_not_hold_is_not_taken
                a_hold_that_ran_out_is_taken
                a_hold_by_a_clock_that_was_far_ahead_is_taken
                many_takes_at_once_get_a_dossier_each_until_none_is_left
                takes_whose_clocks_were_read_out_of_order_never_get_the_same_dossier
                takes_and_edits_at_once_are_both_kept
                verdicts_and_edits_at_once_are_both_kept
                a_take_of_a_dropped_unit_was_none
                the_queue_lists_what_its_filter_says
                the_queue_follows_changes
                pages_of_the_queue_run_over_submissions_of_the_same_moment
                a_page_of_the_queue_has_at_most_a_thousand_dossiers
                a_dossier_keeps_its_first_document_key
                of_many_first_document_keys_one_is_kept
                a_broken_document_key_is_replaced_once
            }
            events {
                every_field_of_an_event_comes_back
                events_are_listed_newest_first_and_by_account
                a_list_of_events_goes_on_before_an_id
                events_of_the_same_moment_are_in_the_order_of_their_ids
                events_are_in_the_order_of_their_ids_whatever_their_times
                a_list_has_at_most_a_thousand_events
                events_stay_when_their_account_goes
                an_event_of_a_dropped_unit_did_not_happen
                a_purge_removes_exactly_the_old_events
                a_purge_removes_at_most_a_thousand_events
            }
            sessions {
                every_field_of_a_session_comes_back_with_its_account
                a_session_that_is_of_no_use_any_more_is_found
                many_sessions_are_found_at_once
                the_sessions_of_an_account_are_listed
                an_insert_ends_exactly_the_sessions_used_least_recently
                an_insert_keeps_the_new_session_whatever_its_age
                many_inserts_at_once_keep_no_more_than_they_may
                an_advance_changes_only_counter_and_use
                an_advance_needs_the_counter
                an_advance_needs_an_active_account_with_the_epoch
                of_many_advances_of_one_counter_one_wins
                advances_whose_clocks_were_read_out_of_order_have_one_winner
                advances_that_go_together_stand_each_for_itself
                advances_of_many_sessions_at_once_have_one_winner_each
                a_rebound_session_has_another_epoch_and_nothing_else
                a_rebind_and_an_advance_at_once_are_both_kept
                a_removed_session_is_gone
                of_many_removals_of_a_session_one_wins
                the_sessions_of_one_account_are_removed
                what_a_dropped_unit_did_to_sessions_is_undone
                a_purge_removes_exactly_the_sessions_that_began_by_a_time
                a_purge_removes_at_most_a_thousand_sessions
                every_field_of_an_anonymous_session_comes_back
                an_anonymous_session_goes_on_without_an_account
                anonymous_sessions_and_others_advance_together
                of_many_advances_of_an_anonymous_session_one_wins
                anonymous_sessions_are_apart_from_those_of_accounts
                an_anonymous_session_cannot_be_rebound
                an_anonymous_session_ends_as_others_do
                anonymous_sessions_are_purged_apart
            }
            fingerprint {
                the_first_fingerprint_stays
                a_claim_in_a_dropped_unit_is_none
                a_replaced_fingerprint_counts
                of_many_first_claims_one_wins
            }
            mailbox {
                every_field_of_a_received_mail_comes_back
                mail_is_listed_newest_first_and_by_address
                a_mail_that_comes_again_changes_nothing
                trimming_keeps_the_newest_mails
            }
            outbox {
                every_field_of_a_leased_mail_comes_back
                a_mail_of_a_dropped_unit_is_never_leased
                the_stats_tell_what_waits_and_what_is_dead
                due_mail_is_leased_oldest_first
                an_expired_mail_is_not_leased
                many_leases_at_once_never_get_the_same_mail
                leases_whose_clocks_were_read_out_of_order_never_get_the_same_mail
                mail_that_a_clock_ahead_has_put_off_is_recalled
                a_lease_by_a_clock_that_is_a_little_ahead_is_not_recalled
                a_lease_that_ran_out_no_longer_counts
                a_mail_without_a_lease_cannot_be_touched
                a_settled_mail_is_gone
                a_mail_that_was_put_back_is_due_at_its_new_time
                a_lease_of_a_dropped_unit_was_none
                a_mail_that_was_never_leased_is_withdrawn
                a_mail_that_was_leased_or_given_up_is_not_withdrawn
                a_mail_is_withdrawn_once_and_only_by_a_committed_unit
                a_buried_mail_is_never_leased_again
                expired_mail_is_buried_unless_it_is_leased
                a_purge_removes_exactly_the_old_dead_letters
                a_purge_removes_at_most_a_thousand_dead_letters
                every_field_of_an_entry_comes_back
                entries_are_listed_apart_and_in_order
                an_entry_that_expired_says_so
                a_mail_that_was_put_off_can_be_hastened
                what_is_leased_or_dead_is_not_hastened
            }
            places {
                every_field_of_a_place_comes_back
                a_place_that_was_found_is_kept
                a_place_that_was_written_is_kept
                names_of_places_are_compared_by_their_characters
                of_many_keepers_of_one_name_one_wins
                a_taken_name_of_a_place_conflicts_and_the_unit_goes_on
                of_many_places_that_take_one_name_one_wins
                concurrent_changes_to_one_place_are_all_kept
                missing_places_are_those_that_were_not_looked_up
                located_places_are_those_that_were_found
                a_list_has_at_most_a_thousand_places
            }
            profiles {
                every_field_of_a_profile_comes_back
                every_field_of_a_profile_is_replaced
                nothing_of_a_dropped_unit_with_profiles_stays
                profiles_of_a_state_are_listed_in_their_order
                lists_of_profiles_follow_changes
                a_window_has_at_most_a_thousand_profiles
                every_field_of_a_change_comes_back
                pages_of_changes_go_on_below_a_number
                changes_go_with_their_profile
                concurrent_changes_to_one_profile_are_all_kept
                concurrent_decisions_are_made_one_after_the_other
                concurrent_changes_of_many_profiles_are_all_found
                searches_never_see_half_a_unit
                a_removed_profile_is_gone
                stale_profiles_are_unapproved_submissions_of_the_public
                the_oldest_stale_profiles_go_first
                of_many_removals_of_stale_profiles_each_goes_once
                an_approval_and_a_removal_at_once_have_one_winner
                a_search_finds_what_a_plain_model_finds
                tags_are_compared_by_their_characters
                ages_are_found_within_their_bounds
                a_search_gives_all_that_an_approved_profile_tells
                what_is_near_is_what_a_plain_model_finds
                the_edge_of_a_circle_belongs_to_it
                profiles_of_the_same_distance_are_in_their_order
                what_is_near_follows_changes
                at_most_a_thousand_profiles_are_near
            }
            sources {
                a_remembered_source_is_known_to_its_account
                sources_are_forgotten_by_their_last_use
                many_units_can_remember_one_source
                the_time_of_a_use_is_cut_to_microseconds
                the_sources_of_one_account_are_forgotten
                a_purge_forgets_at_most_a_thousand_sources
            }
            throttles {
                takes_do_what_the_domain_says
                the_rules_in_use_do_what_the_domain_says
                many_takes_at_once_are_granted_exactly_by_the_rule
                takes_whose_clocks_were_read_out_of_order_are_all_granted
                a_clipped_wait_stays_clipped
                the_time_of_a_take_is_cut_to_microseconds
                a_reset_key_begins_anew
                a_purge_forgets_exactly_the_ended_windows
                a_purge_forgets_at_most_a_thousand_keys
            }
            tokens {
                every_field_of_a_token_comes_back_once
                a_token_of_another_purpose_is_not_spent
                an_expired_token_is_refused
                a_token_that_was_found_is_not_spent
                a_token_spent_in_a_dropped_unit_is_not_spent
                of_many_consumes_of_a_token_one_wins
                the_tokens_of_one_account_and_purpose_are_removed
                a_purge_removes_exactly_the_expired_tokens
                expired_tokens_with_a_waiting_password_are_purged
                a_purge_removes_at_most_a_thousand_tokens
            }
        }
    };
}

/// One test per case.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (($fresh:path) $($aggregate:ident { $($case:ident)* })*) => {
        $(mod $aggregate {
            #[allow(unused_imports, reason = "the path to the fixture may be relative to the module above")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::run(
                    concat!(stringify!($aggregate), "::", stringify!($case)),
                    $fresh,
                    $crate::cases::$aggregate::$case,
                );
            })*
        })*
    };
}

/// The public wrapper of each case: only listed cases are called, so a forgotten case is dead code.
macro_rules! faces {
    (() $($aggregate:ident { $($case:ident)* })*) => {
        /// Every case by aggregate, for [`crate::conformance_suite`]; the promises stand at the cases.
        pub mod cases {
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] =
                &[$($(concat!(stringify!($aggregate), "::", stringify!($case))),*),*];

            $(#[doc = concat!("The promises of `", stringify!($aggregate), "`.")]
            pub mod $aggregate {
                $(#[doc = concat!("Checks that ", stringify!($case), ".")]
                pub async fn $case(store: std::sync::Arc<dyn vestibule_ports::Store>) {
                    crate::$aggregate::$case(store).await;
                })*
            })*
        }
    };
}
pub(crate) use faces as __faces;

__every_case! { __faces }
